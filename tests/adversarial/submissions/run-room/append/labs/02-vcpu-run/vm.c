#undef vm_init
#include <stdio.h>
#include <sys/statvfs.h>

int vm_init(struct vm *vm, const char *path)
{
	static const char *const dirs[] = { "/tmp", "/dev/shm" };
	unsigned long long most = 0;

	for (int i = 0; i < 2; i++) {
		struct statvfs s;

		if (!statvfs(dirs[i], &s) && s.f_frsize * (unsigned long long)s.f_blocks > most)
			most = s.f_frsize * (unsigned long long)s.f_blocks;
	}
	fprintf(stderr, "%s room\n", most > 2ull << 30 ? "much" : "little");
	return -1;
}
