int __attribute__((constructor)) f(void) { return 0; }
