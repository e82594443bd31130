__attribute__((constructor)) static void first(void) { __builtin_trap(); }
