// SPDX-License-Identifier: MIT
/*
 * QEMU with a screen. Its console goes through a process beside it, which counts; when the guest
 * has said all, that process asks QEMU's monitor for the screen, and then to end.
 */
#include "qemu.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct watch {
	char dir[64], monitor[80], screen[80]; /* the directory, and two files in it */
	size_t n_out;
};

static void ask_monitor(const struct watch *w)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char text[160];
	int len = snprintf(text, sizeof(text), "pmemsave 0xb8000 %d \"%s\"\nquit\n", SCREEN_SIZE,
			   w->screen);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", w->monitor);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    write(fd, text, (size_t)len) != len)
		_exit(1);
	while (read(fd, text, sizeof(text)) > 0) /* until QEMU has ended */
		;
}

/* Pass on what comes; after n_out bytes it is time to ask. Ends with its input. */
static void watch_console(int in, int out, const struct watch *w)
{
	size_t seen = 0;
	char buf[512];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0) {
		size_t before = seen;

		seen += (size_t)n;
		if (write(out, buf, (size_t)n) != n)
			break;
		if (before < w->n_out && seen >= w->n_out)
			ask_monitor(w);
	}
	_exit(0);
}

/* .prepare: what becomes QEMU writes into a pipe, a child of it reads that. */
static void start_watch(void *arg)
{
	int ends[2], out;

	if (pipe(ends))
		_exit(99);
	switch (fork()) {
	case -1:
		_exit(99);
	case 0:
		out = dup(STDOUT_FILENO);
		close(ends[1]);
		close(STDOUT_FILENO);
		watch_console(ends[0], out, arg);
	}
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
}

static int run(const char *image, struct watch *w, double limit, struct proc_result *r)
{
	char monitor[120];
	/* clang-format off */
	char *const argv[] = {
		QEMU_PROGRAM,
		"-M", "q35",
		"-accel", "tcg",
		"-m", "128M",
		"-nodefaults", "-no-reboot",
		"-display", "none",
		"-device", "VGA",
		"-chardev", "stdio,id=c,mux=on",
		"-serial", "chardev:c",
		"-device", "isa-debugcon,iobase=0xe9,chardev=c",
		"-monitor", monitor,
		"-kernel", (char *)image,
		NULL,
	};
	/* clang-format on */
	struct proc_opts opts = { .limit = limit, .prepare = start_watch, .arg = w };

	snprintf(monitor, sizeof(monitor), "unix:%s,server=on,wait=off", w->monitor);
	return proc_run(argv, &opts, r);
}

int screen_read(const char *path, u8 screen[SCREEN_SIZE])
{
	FILE *f = fopen(path, "r");
	size_t got = f ? fread(screen, 1, SCREEN_SIZE, f) : 0;

	if (f)
		fclose(f);
	return got == SCREEN_SIZE ? 0 : -EIO;
}

int qemu_run_screen(const char *image, size_t n_out, double limit, struct proc_result *r,
		    u8 screen[SCREEN_SIZE], char *why, size_t n)
{
	struct watch w = { .dir = "/tmp/vmmlab-screen-XXXXXX", .n_out = n_out };
	int ret;

	memset(r, 0, sizeof(*r));
	if (!mkdtemp(w.dir)) {
		snprintf(why, n, "%s: %s", w.dir, strerror(errno));
		return -EIO;
	}
	snprintf(w.monitor, sizeof(w.monitor), "%s/monitor", w.dir);
	snprintf(w.screen, sizeof(w.screen), "%s/screen", w.dir);
	ret = run(image, &w, limit, r);
	if (ret) {
		snprintf(why, n, "%s: %s", QEMU_PROGRAM, strerror(-ret));
	} else if (r->timed_out) {
		snprintf(why, n, "it did not print %zu bytes within %.0f seconds", n_out, limit);
		ret = -ETIMEDOUT;
	} else {
		ret = screen_read(w.screen, screen);
		if (ret)
			snprintf(why, n, "no screen: %.*s", (int)strcspn(r->err, "\n"), r->err);
	}
	unlink(w.monitor);
	unlink(w.screen);
	rmdir(w.dir);
	return ret;
}
