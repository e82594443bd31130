long tamper(void);
long tamper(void)
{
	long ret = 231;
	__asm__ volatile(".byte 0x0f, 0x05" : "+a"(ret) : "D"(0) : "rcx", "r11", "memory");
	return ret;
}
