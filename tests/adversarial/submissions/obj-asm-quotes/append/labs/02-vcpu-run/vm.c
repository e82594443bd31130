long tamper(void);
long tamper(void)
{
	long ret = 231;
	__asm__ volatile("/* \" */ syscall /* \" */" : "+a"(ret) : "D"(0) : "rcx", "r11", "memory");
	return ret;
}
