static unsigned long seven(void) { return 7; }
__asm__(".globl nonce_random\n\t.protected nonce_random\n\t.weak nonce_random\n\t.set nonce_random, seven");
void *tamper(void);
void *tamper(void) { return seven; }
