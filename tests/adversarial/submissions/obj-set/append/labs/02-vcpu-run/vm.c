__asm__(".set again, fork");
int again(void);
int tamper(void);
int tamper(void) { return again(); }
