// SPDX-License-Identifier: MIT
/* What the tests of the box run in it: it does what it is told, and shows where it is. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Every byte value, in an order that no text has. */
static void pattern(int fd, long size, unsigned seed)
{
	unsigned char block[1000];

	for (long done = 0; done < size;) {
		size_t n = size - done < (long)sizeof(block) ? (size_t)(size - done)
							     : sizeof(block);

		for (size_t i = 0; i < n; i++)
			block[i] = (seed = seed * 1103515245 + 12345) >> 16;
		for (size_t at = 0; at < n;) {
			ssize_t w = write(fd, block + at, n - at);

			if (w <= 0)
				exit(1);
			at += w;
		}
		done += n;
	}
}

static int copy(void)
{
	char data[4096];
	ssize_t n;

	while ((n = read(0, data, sizeof(data))) > 0) {
		if (write(1, data, n) != n)
			return 1;
	}
	return 0;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(text, f) < 0 || fclose(f))
		exit(1);
}

static void show_place(void)
{
	struct winsize size = { 0 };
	unsigned long random = 0;
	int fd = open("/dev/urandom", O_RDONLY);

	if (read(fd, &random, sizeof(random)) < 0)
		exit(1);
	ioctl(0, TIOCGWINSZ, &size);
	printf("time=%lld random=%016lx uid=%d link=%s tty=%d%d%d cols=%d engine=%s\n",
	       (long long)time(NULL), random, (int)getuid(),
	       open("/dev/vport0p1", O_RDWR) < 0 ? "closed" : "open", isatty(0), isatty(1),
	       isatty(2), size.ws_col, getenv("VMMLAB_ENGINE"));
}

static void on_term(int sig)
{
	if (write(1, "terminated\n", 11) < 0)
		_exit(1);
	_exit(40 + (sig == SIGTERM));
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "exit"))
		return atoi(argv[2]);
	if (!strcmp(what, "kill"))
		raise(atoi(argv[2]));
	if (!strcmp(what, "pattern")) {
		pattern(1, atol(argv[2]), 1);
		pattern(2, atol(argv[2]), 2);
	}
	if (!strcmp(what, "cat"))
		return copy();
	if (!strcmp(what, "place"))
		show_place();
	if (!strcmp(what, "write")) {
		write_file(argv[2], "here");
		return 0;
	}
	if (!strcmp(what, "files")) {
		write_file("asked", argv[2]);
		write_file("unasked", "no");
	}
	if (!strcmp(what, "wait")) {
		signal(SIGTERM, on_term);
		if (write(1, "waiting\n", 8) < 0)
			return 1;
		for (;;)
			pause();
	}
	if (!strcmp(what, "leave")) { /* somebody who holds stdout open for ever */
		if (fork() == 0)
			for (;;)
				pause();
		return 12;
	}
	return 0;
}
