// SPDX-License-Identifier: MIT
/* Making a bare kernel into a machine on which a program can run. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include "../cpio.h"
#include "init.h"

#define MODULES_MAX 64

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror(path);
	close(fd);
}

void machine_mount(void)
{
	static const char *const place[][2] = {
		{ "proc", "/proc" },	 { "sysfs", "/sys" },
		{ "devtmpfs", "/dev" },	 { "devpts", "/dev/pts" },
		{ "tmpfs", "/dev/shm" }, { "tracefs", "/sys/kernel/tracing" },
	};
	static const char *const link[][2] = {
		{ "/proc/self/fd", "/dev/fd" },
		{ "/proc/self/fd/0", "/dev/stdin" },
		{ "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" },
	};

	for (size_t i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		mkdir(place[i][1], 0755);
		if (mount(place[i][0], place[i][1], place[i][0], 0,
			  strcmp(place[i][0], "devpts") ? NULL : "ptmxmode=0666"))
			fprintf(stderr, "box: %s: %s\n", place[i][1], strerror(errno));
	}
	chmod("/tmp", 01777); /* no mount over it: the payload may be there already */
	chmod("/dev/shm", 01777);
	for (size_t i = 0; i < sizeof(link) / sizeof(link[0]); i++) {
		if (symlink(link[i][0], link[i][1]))
			fprintf(stderr, "box: %s: %s\n", link[i][1], strerror(errno));
	}
	/* Lab 03's lazy memory serves the faults of KVM, which an ordinary user may not elsewhere.
	 */
	write_text("/proc/sys/vm/unprivileged_userfaultfd", "1");
	/* In /tmp one user puts no link, pipe or file in another's way. */
	write_text("/proc/sys/fs/protected_symlinks", "1");
	write_text("/proc/sys/fs/protected_fifos", "2");
	write_text("/proc/sys/fs/protected_regular", "2");
	write_text("/proc/sys/kernel/printk", "1");
}

static int load(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, params, 0) ? -errno : 0;
	close(fd);
	return err == -EEXIST ? 0 : err;
}

/*
 * What comes with the payload is the program's, wherever it lies: it may write there. The kernel
 * brings /root along, with mode 0700, and a clone may lie below it; /tmp is everybody's already.
 */
static int unpack_directory(const char *path, uid_t uid)
{
	struct stat st;

	if (mkdir(path, 0755)) {
		if (errno != EEXIST || stat(path, &st))
			return -errno;
		if ((st.st_mode & 0005) == 0005)
			return 0;
		if (chmod(path, 0755))
			return -errno;
	}
	return chown(path, uid, uid) ? -errno : 0;
}

/* Kernels differ in who needs whom, so: as long as one more goes in, try the others again. */
void machine_modules(const char *dir, bool no_npt)
{
	char *path[MODULES_MAX];
	size_t count = 0, done = 0, before;
	struct dirent *entry;
	DIR *list = opendir(dir);

	while (list && (entry = readdir(list)) && count < MODULES_MAX) {
		if (entry->d_name[0] != '.' &&
		    asprintf(&path[count], "%s/%s", dir, entry->d_name) > 0)
			count++;
	}
	if (list)
		closedir(list);
	do {
		before = done;
		for (size_t i = 0; i < count; i++) {
			bool amd = path[i] && strstr(path[i], "kvm-amd");

			if (path[i] && load(path[i], amd && no_npt ? "npt=0" : "") == 0) {
				free(path[i]);
				path[i] = NULL;
				done++;
			}
		}
	} while (done != before);
}

/* The second serial port where the kernel's command line says so, else the virtio port. */
int machine_link(void)
{
	const char *serial = getenv("BOX_LINK");
	char path[300] = "/dev/vport0p1";
	struct termios raw;
	int fd = -1;

	if (serial)
		snprintf(path, sizeof(path), "/dev/%s", serial);
	for (int tries = 0; tries < 500; tries++) { /* the driver makes it when it has found it */
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (fd >= 0)
			break;
		usleep(10000);
	}
	if (fd < 0)
		return -errno;
	fchmod(fd, 0600); /* the program must not reach it */
	if (serial && tcgetattr(fd, &raw) == 0) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		tcsetattr(fd, TCSANOW, &raw);
	}
	return fd;
}

void machine_clock(const char *seconds)
{
	struct timeval now = { .tv_sec = seconds ? strtoll(seconds, NULL, 10) : 0 };

	if (now.tv_sec)
		settimeofday(&now, NULL);
}

/* Each run resumes with the same random state: without this, each would draw the same nonces. */
void machine_seed(const char *hex)
{
	char room[sizeof(struct rand_pool_info) + 32];
	struct rand_pool_info *seed = (void *)room;
	int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	*seed = (struct rand_pool_info){ .entropy_count = 256, .buf_size = 32 };
	for (size_t i = 0; i < 32; i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		room[offsetof(struct rand_pool_info, buf) + i] = strtoul(two, NULL, 16);
	}
	if (fd < 0)
		return;
	ioctl(fd, RNDADDENTROPY, seed);
	ioctl(fd, RNDRESEEDCRNG);
	close(fd);
}

static int unpack_member(const struct cpio_member *m)
{
	char path[4096];
	int fd, err = 0;

	if (snprintf(path, sizeof(path), "/%s", m->name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (S_ISDIR(m->mode))
		return unpack_directory(path, m->uid);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_EXCL, m->mode & 0777);
	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < m->size && !err;) {
		ssize_t n = write(fd, m->data + done, m->size - done);

		if (n < 0)
			err = -errno;
		else
			done += n;
	}
	if (!err && (fchown(fd, m->uid, m->uid) || fchmod(fd, m->mode & 0777)))
		err = -errno;
	close(fd);
	return err;
}

int machine_unpack(size_t bytes)
{
	int fd = open("/dev/vda", O_RDONLY | O_CLOEXEC), err = 0, more;
	uint8_t *data = malloc(bytes);
	struct cpio_member m;
	size_t have = 0, at = 0;

	if (fd < 0 || !data) {
		err = fd < 0 ? -errno : -ENOMEM;
		goto out;
	}
	while (have < bytes) { /* just these: the disk is large, and its end is empty */
		ssize_t n = read(fd, data + have, bytes - have);

		if (n <= 0) {
			err = n ? -errno : -EIO;
			goto out;
		}
		have += n;
	}
	while (!err && (more = cpio_next(data, bytes, &at, &m)))
		err = more < 0 ? more : unpack_member(&m);
out:
	free(data);
	if (fd >= 0)
		close(fd);
	return err;
}

void machine_off(void)
{
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
