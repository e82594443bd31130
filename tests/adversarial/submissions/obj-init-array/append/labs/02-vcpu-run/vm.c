static void first(void) { __builtin_trap(); }
__attribute__((section(".init_array"), used)) static void (*const in_array)(void) = first;
