__asm__(".symver mine, strcmp@GLIBC_2.2.5");
int mine(void);
int mine(void) { return 0; }
