// SPDX-License-Identifier: MIT
/* The last words of a machine: kept because one that dies has no other way to speak. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"

#define LAST_WORDS 1024 /* bytes of each kind */

static char tail[2048];
static size_t tail_used;

void words_keep(int *fd)
{
	ssize_t n;

	if (tail_used > sizeof(tail) / 2) {
		memmove(tail, tail + tail_used - sizeof(tail) / 2, sizeof(tail) / 2);
		tail_used = sizeof(tail) / 2;
	}
	n = read(*fd, tail + tail_used, sizeof(tail) - tail_used);
	if (n > 0) {
		tail_used += n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(*fd); /* a terminal whose other side is gone says EIO */
		*fd = -1;
	}
}

/* The end of a text, without what moves a terminal's cursor. Returns how much there was to read. */
static size_t print_end(const char *text, size_t size)
{
	size_t printed = 0;

	for (size_t i = size > LAST_WORDS ? size - LAST_WORDS : 0; i < size; i++) {
		if (text[i] == '\033' && i + 1 < size && text[i + 1] == '[') {
			for (i += 2; i < size && (unsigned char)text[i] < '@';)
				i++;
		} else if (text[i] == '\n' || (unsigned char)text[i] >= ' ') {
			fputc(text[i], stderr);
			printed += text[i] != '\n' && text[i] != ' ';
		}
	}
	if (printed && text[size - 1] != '\n')
		fputc('\n', stderr);
	return printed;
}

static size_t print_file(const char *path)
{
	size_t size = 0, printed;
	char *text = path ? read_file(path, &size) : NULL;

	printed = text ? print_end(text, size) : 0;
	free(text);
	return printed;
}

int words_last(struct machine *m, const char *what)
{
	struct pollfd p = { .fd = m->console, .events = POLLIN };
	char log[32];
	size_t said;

	while (m->console >= 0 && poll(&p, 1, 0) > 0) {
		words_keep(&m->console);
		p.fd = m->console;
	}
	snprintf(log, sizeof(log), "/proc/self/fd/%d", m->log);
	said = print_file(m->console_file) + print_file(m->log_file);
	said += print_file(m->log >= 0 ? log : NULL);
	if (!m->console_file || !said)
		said += print_end(tail, tail_used);
	return complain("%s%s", what,
			said ? "; its last words are above" : ", and left no word why");
}
