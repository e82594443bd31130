__attribute__((destructor)) static void last(void) { __builtin_trap(); }
