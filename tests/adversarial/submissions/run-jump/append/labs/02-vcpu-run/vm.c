#undef vm_init
#include <stdio.h>
#include <unistd.h>
#include <setjmp.h>
static jmp_buf here;

int vm_init(struct vm *vm, const char *path)
{
	if (!setjmp(here))
		longjmp(here, 1);
	__builtin_unwind_init();
	void **frame = __builtin_frame_address(0);
	frame[1] = ((void **)frame[0])[1];
	return -1;
}
