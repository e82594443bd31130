int again(void) __asm__("__fork");
int tamper(void);
int tamper(void) { return again(); }
