int again(void) __asm__("\"fork@GLIBC_2.2.5\"");
int (*volatile again_by_name)(void) = again;
int tamper(void);
int tamper(void) { return again_by_name(); }
