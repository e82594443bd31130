#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <signal.h>

int vm_init(struct vm *vm, const char *path)
{
	raise(SIGSTOP);
	return -1;
}
