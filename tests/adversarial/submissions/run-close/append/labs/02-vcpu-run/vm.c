#undef vm_init
#include <stdio.h>
#include <unistd.h>

int vm_init(struct vm *vm, const char *path)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	return -1;
}
