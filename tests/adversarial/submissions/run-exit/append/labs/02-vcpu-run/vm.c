#undef vm_init
#include <stdio.h>
#include <unistd.h>

int vm_init(struct vm *vm, const char *path)
{
	_exit(0);
	return -1;
}
