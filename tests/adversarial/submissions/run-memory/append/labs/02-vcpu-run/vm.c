#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>

int vm_init(struct vm *vm, const char *path)
{
	for (;;) {
		char *p = malloc(1 << 20);

		if (p)
			memset(p, 1, 1 << 20);
	}
	return -1;
}
