// SPDX-License-Identifier: MIT
/*
 * The box's kernel. KERNEL= and MODULES= name one; else it is Debian's cloud kernel, whose package
 * is downloaded and unpacked into the cache, and never installed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "box.h"

#define ADVICE "or name a kernel of your own: KERNEL=vmlinuz-file MODULES=/lib/modules/its-version"

/* Those that the box needs, as far as its kernel does not have them built in. */
static const char *const wanted[] = {
	"virtio",
	"virtio_ring",
	"virtio_pci_modern_dev",
	"virtio_pci_legacy_dev",
	"virtio_pci",
	"virtio_blk",
	"virtio_console",
	"irqbypass",
	"ccp",
	"kvm",
	"kvm-amd",
	"kvm-intel",
	"msr",
};

/* The name without .ko, .ko.xz and so on, '_' for '-', as the kernel itself sees it. */
static bool same_module(const char *file, const char *name)
{
	for (; *name; file++, name++) {
		if (*file != *name && !(strchr("-_", *file) && strchr("-_", *name) && *file))
			return false;
	}
	return !strncmp(file, ".ko", 3);
}

static struct strings found; /* nftw() has no argument to pass on */

static int look(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	for (size_t i = 0; type == FTW_F && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (same_module(path + ftw->base, wanted[i]))
			strings_add(&found, path);
	}
	return 0;
}

/* How modules are packed, by the end of their names, and the Debian package that unpacks them. */
static const struct packing {
	const char *end, *tool, *package;
} packings[] = {
	{ ".ko", "cat", "coreutils" },
	{ ".ko.xz", "xz", "xz-utils" }, /* Debian 13 */
	{ ".ko.zst", "zstd", "zstd" },	/* Ubuntu, Arch */
	{ ".ko.gz", "gzip", "gzip" },
};

/* Copies one module into dir, unpacked if need be. */
static int take_module(const char *path, const char *dir)
{
	const char *name = strrchr(path, '/') + 1, *dot = strstr(name, ".ko");
	const struct packing *p = packings;
	char to[PATH_MAX];
	struct spawn s = { 0 };
	int status;

	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		if (!strcmp(dot, packings[i].end))
			p = &packings[i];
	}
	snprintf(to, sizeof(to), "%s/%.*s.ko", dir, (int)(dot - name), name);
	s.argv = p == packings ? (char *const[]){ "cat", (char *)path, NULL }
			       : (char *const[]){ (char *)p->tool, "-dc", (char *)path, NULL };
	s.out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (s.out < 0)
		return complain("%s: %s", to, strerror(errno));
	status = spawn_wait(&s);
	close(s.out);
	if (status == 127)
		return complain("%s is missing, which unpacks %s: apt-get install %s", p->tool,
				name, p->package);
	if (status)
		return complain("%s cannot be unpacked (%s ended with %d)", path, p->tool, status);
	return 0;
}

static int take_modules(const char *from, const char *dir)
{
	int err = 0;

	found = (struct strings){ 0 };
	mkdir(dir, 0755);
	if (nftw(from, look, 16, 0) || !found.count)
		return complain("MODULES=%s: no virtio or kvm module is in it", from);
	for (size_t i = 0; i < found.count && !err; i++)
		err = take_module(found.item[i], dir);
	return err;
}

static int list_modules(struct kernel *k, const char *dir)
{
	struct dirent **entry;
	char path[PATH_MAX];
	int n = scandir(dir, &entry, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		if (strstr(entry[i]->d_name, ".ko") &&
		    snprintf(path, sizeof(path), "%s/%s", dir, entry[i]->d_name) < PATH_MAX)
			strings_add(&k->modules, path);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return k->modules.count ? 0 : -1;
}

/* The newest kernel of the cache: 0, or -1 if there is none. */
static int cached(struct kernel *k, const char *cache)
{
	struct dirent **entry;
	char dir[PATH_MAX - 32], modules[PATH_MAX];
	int n = scandir(cache, &entry, NULL, versionsort);

	for (int i = 0; i < n; i++) {
		if (!strncmp(entry[i]->d_name, "kernel-", 7))
			snprintf(k->package, sizeof(k->package), "%s", entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	if (!*k->package)
		return -1;
	snprintf(dir, sizeof(dir), "%s/%s", cache, k->package);
	snprintf(k->image, sizeof(k->image), "%s/vmlinuz", dir);
	snprintf(modules, sizeof(modules), "%s/modules", dir);
	return list_modules(k, modules);
}

/* "  Depends: linux-image-6.1.0-49-cloud-amd64" */
static int package_name(char name[256])
{
	char text[4096];
	char *const argv[] = { "apt-cache", "depends", "linux-image-cloud-amd64:amd64", NULL };
	char *p = spawn_text(argv, text, sizeof(text));

	p = p ? strstr(p, "Depends: linux-image-") : NULL;
	if (p && sscanf(p, "Depends: %255[^: \n]", name) == 1)
		return 0;
	return complain(
		"apt knows no package linux-image-cloud-amd64 (is this Debian? try "
		"`apt-get update`; not x86: first `dpkg --add-architecture amd64`); " ADVICE);
}

static int download(const char *temp, const char *package, char deb[PATH_MAX])
{
	struct spawn s = { .dir = temp };
	struct dirent **entry;
	char name[300];
	int n;

	snprintf(name, sizeof(name), "%s:amd64", package);
	s.argv = (char *const[]){ "apt-get", "-qq", "download", name, NULL };
	progress("downloading %s (26 MB), which is not installed, only used", package);
	if (spawn_wait(&s))
		return complain("apt-get cannot download %s (no network, or an old package list: "
				"try `apt-get update`); " ADVICE,
				package);
	n = scandir(temp, &entry, NULL, alphasort);
	*deb = 0;
	for (int i = 0; i < n; i++) {
		if (strstr(entry[i]->d_name, ".deb"))
			snprintf(deb, PATH_MAX, "%s", entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return *deb ? 0 : complain("apt-get download of %s left no file", package);
}

static int unpack(const char *temp, const char *deb, const char *version)
{
	char root[PATH_MAX + 8], from[PATH_MAX + 300], to[PATH_MAX + 32];
	char *const argv[] = { "dpkg-deb", "-x", (char *)deb, "root", NULL };
	struct spawn s = { .argv = argv, .dir = temp };

	if (spawn_wait(&s))
		return complain("dpkg-deb cannot unpack %s (is the disk full?)", deb);
	snprintf(from, sizeof(from), "%s/root/boot/vmlinuz-%s", temp, version);
	snprintf(to, sizeof(to), "%s/vmlinuz", temp);
	if (rename(from, to))
		return complain("%s holds no boot/vmlinuz-%s", deb, version);
	snprintf(root, sizeof(root), "%s/root", temp);
	snprintf(from, sizeof(from), "%s/root/lib/modules", temp);
	snprintf(to, sizeof(to), "%s/modules", temp);
	if (access(from, F_OK))
		snprintf(from, sizeof(from), "%s/root/usr/lib/modules", temp);
	if (take_modules(from, to))
		return -1;
	cache_remove(root);
	snprintf(to, sizeof(to), "%s/%s", temp, deb);
	return unlink(to) ? complain("%s: %s", to, strerror(errno)) : 0;
}

/* With the lock held. */
static int fetch(const char *cache)
{
	char temp[PATH_MAX], package[256], deb[PATH_MAX], to[PATH_MAX + 300];
	const char *version = package + strlen("linux-image-");
	int err = -1;

	if (cache_room(cache, 300) || package_name(package) || cache_make_temporary(cache, temp))
		return -1;
	snprintf(to, sizeof(to), "%s/kernel-%s", cache, version);
	if (!download(temp, package, deb) && !unpack(temp, deb, version))
		err = rename(temp, to) ? complain("%s: %s", to, strerror(errno)) : 0;
	if (err)
		cache_remove(temp);
	return err;
}

/* A kernel of the user's own; its modules are copied once for each run that prepares. */
static int named(struct kernel *k, const char *image, const char *modules, const char *cache)
{
	char dir[PATH_MAX], temp[PATH_MAX], key[PATH_MAX * 2];
	int lock, err;

	if (access(image, R_OK))
		return complain("KERNEL=%s: %s", image, strerror(errno));
	if (!modules || access(modules, R_OK | X_OK))
		return complain("KERNEL= needs MODULES=, the directory of its modules");
	if (!realpath(image, k->image) || !realpath(modules, dir))
		return complain("KERNEL=%s MODULES=%s: %s", image, modules, strerror(errno));
	snprintf(key, sizeof(key), "%s %s", k->image, dir);
	snprintf(dir, sizeof(dir), "%s/modules-%016lx", cache, recipe_key(key));
	if (!list_modules(k, dir))
		return 0;
	lock = cache_lock(cache);
	if (lock < 0 || cache_make_temporary(cache, temp))
		return -1;
	err = take_modules(modules, temp) || (rename(temp, dir) && access(dir, F_OK));
	cache_remove(temp);
	close(lock);
	return err ? -1 : list_modules(k, dir);
}

int kernel_find(struct kernel *k, const char *cache)
{
	const char *image = getenv("KERNEL"), *modules = getenv("MODULES");
	int lock, err;

	*k = (struct kernel){ 0 };
	if (image && *image)
		return named(k, image, modules, cache);
	if (!cached(k, cache))
		return 0;
	lock = cache_lock(cache);
	if (lock < 0)
		return -1;
	err = cached(k, cache) ? fetch(cache) : 0; /* another run may have fetched it meanwhile */
	close(lock);
	return err ? err : cached(k, cache);
}
