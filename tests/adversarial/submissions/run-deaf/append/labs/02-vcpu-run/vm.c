#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <signal.h>

int vm_init(struct vm *vm, const char *path)
{
	for (int sig = 1; sig < 64; sig++)
		signal(sig, SIG_IGN);
	for (;;)
		;
	return -1;
}
