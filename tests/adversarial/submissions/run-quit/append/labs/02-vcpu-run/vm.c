#undef vm_init
#include <signal.h>
int vm_init(struct vm *vm, const char *path)
{
	raise(SIGQUIT);
	return 0;
}
