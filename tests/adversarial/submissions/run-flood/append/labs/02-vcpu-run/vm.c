#undef vm_init
#include <stdio.h>
#include <unistd.h>

int vm_init(struct vm *vm, const char *path)
{
	for (;;)
		fprintf(stderr, "task 2.1 is not done yet%s\n", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!");
	return -1;
}
