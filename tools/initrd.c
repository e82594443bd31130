// SPDX-License-Identifier: MIT
/*
 * initrd: a first file system for a kernel: a busybox, what it shall run, and modules.
 *
 *	initrd OUT INIT BUSYBOX [MODULE...]
 *
 * INIT becomes /init, a script of busybox's shell; modules go to /modules, in this order by their
 * numbers: 00-virtio.ko. An archive as Linux's buffer-format.rst says (tools/box/cpio.h).
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "box/cpio.h"

static int write_archive(const struct cpio *c, const char *path)
{
	FILE *f = fopen(path, "we");
	int bad = !f || fwrite(c->data, 1, c->size, f) != c->size;

	if (f && fclose(f))
		bad = 1;
	if (bad)
		perror(path);
	return bad;
}

int main(int argc, char **argv)
{
	static const char *const dirs[] = { "bin", "dev", "proc", "sys", "mnt", "modules" };
	struct cpio c = { 0 };
	int bad;

	if (argc < 4) {
		fprintf(stderr, "Usage: initrd OUT INIT BUSYBOX [MODULE...]\n");
		return 2;
	}
	for (unsigned i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		cpio_add(&c, dirs[i], S_IFDIR | 0755, NULL, 0);
	cpio_add_node(&c, "dev/console", S_IFCHR | 0600, makedev(5, 1));
	cpio_add_file(&c, "bin/busybox", argv[3]);
	cpio_add_file(&c, "init", argv[2]);
	for (int i = 4; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		char name[300];

		snprintf(name, sizeof(name), "modules/%02d-%s", i - 4, slash ? slash + 1 : argv[i]);
		cpio_add_file(&c, name, argv[i]);
	}
	cpio_end(&c);
	if (c.err) {
		fprintf(stderr, "initrd: %s\n", strerror(-c.err));
		return 1;
	}
	bad = write_archive(&c, argv[1]);
	cpio_free(&c);
	return bad;
}
