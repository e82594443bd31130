__attribute__((section(".text#"))) static const unsigned char code[] = { 0x0f, 0x05, 0xc3 };
long tamper(void);
long tamper(void) { return ((long (*)(void))code)(); }
