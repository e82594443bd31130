#undef vm_init
#include <stdio.h>
#include <unistd.h>

int vm_init(struct vm *vm, const char *path)
{
	for (;;)
		sleep(1000);
	return -1;
}
