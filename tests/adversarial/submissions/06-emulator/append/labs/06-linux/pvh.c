#undef pvh_write
#include <unistd.h>

int pvh_write(struct mem *mem, const struct handover *h)
{
	execlp("qemu-system-x86_64", "qemu-system-x86_64", "-kernel", "/dev/stdin", "-append",
	       h->cmdline, NULL);
	return real_pvh_write(mem, h);
}
