// SPDX-License-Identifier: MIT
/* The initramfs that the box boots from, and the payload of one run. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "box.h"

void image_init(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 8);

	path[n > 0 ? n : 0] = 0;
	strcat(path, "-init");
}

void image_initramfs(struct cpio *c, const struct kernel *k, const struct strings *libs)
{
	static const char *const dirs[] = { "dev",  "proc",    "sys", "tmp",
					    "work", "modules", "lib", "lib/x86_64-linux-gnu",
					    "lib64" };
	char init[PATH_MAX], name[PATH_MAX];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		cpio_add(c, dirs[i], S_IFDIR | 0755, NULL, 0);
	cpio_add_node(c, "dev/console", S_IFCHR | 0600, makedev(5, 1));
	image_init(init);
	cpio_add_file(c, "init", init);
	for (size_t i = 0; i < k->modules.count; i++) {
		snprintf(name, sizeof(name), "modules%s", strrchr(k->modules.item[i], '/'));
		cpio_add_file(c, name, k->modules.item[i]);
	}
	for (size_t i = 0; i < libs->count; i++)
		cpio_add_file(c, lib_destination(libs->item[i]), libs->item[i]);
	cpio_end(c);
}

/* a/b stays below the work directory, /a/b keeps its place. */
static void in_box(const char *path, char name[PATH_MAX])
{
	while (!strncmp(path, "./", 2))
		path += 2;
	snprintf(name, PATH_MAX, "%s%s", *path == '/' ? "" : "work/", path);
}

static int put(struct cpio *c, const char *path, struct strings *libs)
{
	char name[PATH_MAX], inner[PATH_MAX];
	struct dirent **entry;
	struct stat st;
	int n, err = 0;

	if (stat(path, &st))
		return complain("%s: %s", path, strerror(errno));
	in_box(path, name);
	if (S_ISREG(st.st_mode)) {
		cpio_add_parents(c, name);
		cpio_add_file(c, name, path);
		return c->err ? complain("%s: %s", path, strerror(-c->err)) : libs_of(path, libs);
	}
	n = S_ISDIR(st.st_mode) ? scandir(path, &entry, NULL, alphasort) : -1;
	for (int i = 0; i < n; i++) {
		size_t len = strlen(entry[i]->d_name);
		bool made = len > 2 && (!strcmp(entry[i]->d_name + len - 2, ".o") ||
					!strcmp(entry[i]->d_name + len - 2, ".d"));

		/* hidden files and the compiler's own stay */
		if (!err && entry[i]->d_name[0] != '.' && !made &&
		    snprintf(inner, sizeof(inner), "%s/%s", path, entry[i]->d_name) < PATH_MAX)
			err = put(c, inner, libs);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return n < 0 ? complain("%s is neither a file nor a directory", path) : err;
}

/* Where a file will be written that is to come back, there is a directory, as there is one here. */
static void make_room(struct cpio *c, const char *path)
{
	char name[PATH_MAX], parent[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) : 0, path);
	if (!slash || (*parent && access(parent, F_OK)))
		return;
	in_box(path, name);
	cpio_add_parents(c, name);
}

int image_payload(struct cpio *c, const struct request *r, const struct strings *have)
{
	struct strings libs = { 0 };
	int err = 0;

	for (size_t i = 0; i < have->count; i++)
		strings_add(&libs, have->item[i]);
	c->owner = r->root ? 0 : 1000;
	cpio_add(c, "work", S_IFDIR | 0755, NULL, 0);
	for (size_t i = 0; i < r->put.count && !err; i++)
		err = put(c, r->put.item[i], &libs);
	if (!err && !strings_have(&r->put, r->arg.item[0]))
		err = put(c, r->arg.item[0], &libs);
	for (size_t i = 0; i < r->get.count; i++)
		make_room(c, r->get.item[i]);
	for (size_t i = have->count; i < libs.count && !err; i++) {
		cpio_add_parents(c, lib_destination(libs.item[i]));
		cpio_add_file(c, lib_destination(libs.item[i]), libs.item[i]);
	}
	cpio_end(c);
	return err || !c->err ? err : complain("the payload: %s", strerror(-c->err));
}
