// SPDX-License-Identifier: MIT
#include "apart.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "jail.h"
#include "proc.h"
#include "show.h"

#define READ_SECONDS 60
#define SAID_MAX     MiB(64)

struct reading {
	struct submission *s;
	int fd;
};

/* Each on a line: F which bytes, and the bytes; I an ignored name; M how many more; R the reason.
 */
static int child(void *arg, int line_fd)
{
	struct reading *reading = arg;
	struct submission *s = reading->s;

	submission_take(s, reading->fd, read_archive);
	for (unsigned i = 0; i < s->wanted->count; i++) {
		if (!s->file[i].data)
			continue;
		printf("F %u %zu\n", i, s->file[i].bytes);
		fwrite(s->file[i].data, 1, s->file[i].bytes, stdout);
	}
	for (unsigned i = 0; i < s->nignored; i++)
		printf("I %s\n", s->ignored[i]);
	printf("M %u\n", s->more_ignored);
	if (s->reason[0])
		printf("R %s\n", s->reason);
	printf("E\n");
	return fflush(stdout) ? 1 : 0;
}

/* "F which bytes\n": returns what follows the bytes, or NULL. */
static char *take_file(struct submission *s, char *line, char *data, const char *end)
{
	struct submitted *f;
	unsigned i;
	size_t n;

	if (sscanf(line, "F %u %zu", &i, &n) != 2 || i >= s->wanted->count ||
	    n > SUBMISSION_FILE_MAX || n > (size_t)(end - data))
		return NULL;
	f = &s->file[i];
	if (f->data)
		return NULL;
	f->data = malloc(n + 1);
	if (!f->data)
		return NULL;
	memcpy(f->data, data, n);
	f->bytes = n;
	sha256_of(f->data, n, f->sha256);
	return data + n;
}

/* Returns true when all has been said. */
static bool listen(struct submission *s, char *said, size_t len)
{
	char *end = said + len, *line = said, *next;

	for (; line && line < end; line = next) {
		next = memchr(line, '\n', end - line);
		if (!next)
			return false;
		*next++ = 0;
		if (line[0] == 'F')
			next = take_file(s, line, next, end);
		else if (line[0] == 'I')
			submission_ignore(s, line + 2);
		else if (line[0] == 'M')
			s->more_ignored = strtoul(line + 1, NULL, 10);
		else if (line[0] == 'R')
			show_format(s->reason, sizeof(s->reason), "%s", line + 2);
		else
			return line[0] == 'E';
	}
	return false;
}

int apart_archive(struct submission *s, int fd)
{
	struct submission theirs = { .wanted = s->wanted };
	struct reading reading = { .s = &theirs, .fd = fd };
	struct proc_opts opts = {
		.limit = READ_SECONDS,
		.uid = geteuid() ? 0 : JAIL_UID,
		.max_output = SAID_MAX,
		.max_memory = PROC_MAX_MEMORY ? GiB(1) : 0,
		.max_file = 1,
		.max_cpu = READ_SECONDS,
		.first_to_die = true,
		.child = child,
		.arg = &reading,
	};
	struct proc_result p;
	int ret = proc_run(NULL, &opts, &p);

	if (!ret && (p.timed_out || !listen(s, p.out, p.out_len))) {
		submission_free(s);
		s->wanted = theirs.wanted;
		show_format(s->reason, sizeof(s->reason), "the archive cannot be read");
	}
	proc_free(&p);
	return ret;
}

int apart_git(struct submission *s, const char *path)
{
	char *argv[] = { "git",
			 "-c",
			 "safe.directory=*",
			 "-c",
			 "core.hooksPath=/dev/null",
			 "--git-dir=/input",
			 "archive",
			 "--format=tar",
			 "HEAD",
			 NULL };
	struct jail jail = { .kind = SANDBOX_BWRAP,
			     .input = path,
			     .limit = READ_SECONDS,
			     .max_output = SUBMISSION_ARCHIVE_MAX };
	struct proc_result p;
	int ret = jail_run(&jail, argv, &p), fd;

	if (ret || proc_exit_code(&p) || p.truncated || p.timed_out) {
		show_format(s->reason, sizeof(s->reason),
			    "the last commit of the git repository %s",
			    p.truncated ? "holds too much" : "cannot be read");
		proc_free(&p);
		return 0;
	}
	fd = memfd_create("commit", MFD_CLOEXEC);
	ret = fd < 0 || write(fd, p.out, p.out_len) != (ssize_t)p.out_len || lseek(fd, 0, SEEK_SET)
		      ? -ENOMEM
		      : 0;
	if (!ret)
		ret = apart_archive(s, fd);
	if (fd >= 0)
		close(fd);
	proc_free(&p);
	return ret;
}
