#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <pthread.h>
static void *well(void *arg)
{
	usleep(100000);
	_exit(0);
	return arg;
}

int vm_init(struct vm *vm, const char *path)
{
	pthread_t t;

	pthread_create(&t, NULL, well, NULL);
	pthread_exit(NULL);
	return -1;
}
