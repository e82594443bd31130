/* SPDX-License-Identifier: MIT */
/* What a function prints, for tests of code whose result is text. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/* A file as a text, which stays for the next three calls. */
static inline char *file_text(const char *path)
{
	static char room[4][65536];
	static unsigned turn;
	char *text = room[turn++ % ARRAY_SIZE(room)];
	FILE *f = fopen(path, "r");

	if (!f)
		test_error("%s cannot be read", path);
	text[fread(text, 1, sizeof(room[0]) - 1, f)] = 0;
	fclose(f);
	return text;
}

/* Between the two calls, what goes to descriptor fd (1 or 2) is kept instead of shown. */
struct capture {
	int fd, saved;
	const char *path;
};

static inline struct capture capture_begin(int fd)
{
	struct capture c = { .fd = fd, .saved = dup(fd), .path = test_tmpfile("captured") };
	int file = open(c.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fflush(stdout);
	if (c.saved < 0 || file < 0 || dup2(file, fd) < 0)
		test_error("descriptor %d cannot be captured", fd);
	close(file);
	return c;
}

static inline char *capture_end(const struct capture *c)
{
	fflush(stdout);
	dup2(c->saved, c->fd);
	close(c->saved);
	return file_text(c->path);
}

#endif
