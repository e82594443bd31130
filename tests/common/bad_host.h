/* SPDX-License-Identifier: MIT */
/*
 * Bad host input: what every refusal has in common, and how the host is made bad for the VMM alone
 * (the .prepare of a struct vmm_run, in the child right before exec).
 */
#ifndef BAD_HOST_H
#define BAD_HOST_H

#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "test.h"

/* Files that a test itself makes are called in-*, so that what else there is, the VMM has left. */
#define INPUT(name) test_tmpfile("in-" name)

static inline void expect_nothing_left(void)
{
	DIR *dir = opendir(test_tmpdir());
	struct dirent *entry;

	if (!dir)
		test_error("%s cannot be read", test_tmpdir());
	while ((entry = readdir(dir)))
		EXPECT_TRUE(entry->d_name[0] == '.' || !strncmp(entry->d_name, "in-", 3),
			    "the VMM has left %s behind", entry->d_name);
	closedir(dir);
}

/* One line, `vmm: ... why ...`, on stderr, and nothing else anywhere. */
static inline void expect_one_line(const struct outcome *o, const char *why)
{
	EXPECT_CONTAINS(o->err, why);
	EXPECT_TRUE(!strncmp(o->err, "vmm: ", 5), "it does not begin with `vmm: `");
	EXPECT_TRUE(o->err_len && strchr(o->err, '\n') == o->err + o->err_len - 1,
		    "it is not one whole line");
}

/* Bytes that nobody has read may loop for ever with interrupts off. */
#define SKIP_WHERE_LOOPS_CANNOT_BE_ENDED()                                                      \
	do {                                                                                    \
		if (!strcmp(env_engine(), "vmx"))                                               \
			SKIP("Bochs holds back the host's timer while a guest has IF = 0: see " \
			     "tools/box/host/bochs.c");                                         \
	} while (0)

/* The VMM refused: what and why in one line, this status, no output, no report. */
static inline void expect_refused(const struct outcome *o, int status, const char *why)
{
	EXPECT_TRUE(!o->signalled && !o->timed_out, "ended by a signal, or not at all");
	EXPECT_U64(o->status, status);
	EXPECT_STR(o->out, "");
	expect_one_line(o, why);
	EXPECT_TRUE(!o->report.found, "there is a report of a run that was none");
	expect_nothing_left();
}

/* A file of size bytes; its path. */
static inline const char *input_file(const char *path, const void *bytes, size_t size)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f))
		test_error("%s cannot be written", path);
	return path;
}

/* Somebody whom file permissions stop, for .uid: root is not, all others are. */
static inline uid_t other_user(void)
{
	return geteuid() ? 0 : 65534;
}

/* Can such a user start what is in the build directory? (Not if that is below /root.) */
static inline bool build_is_open(void)
{
	char path[PATH_MAX];
	struct stat st;

	if (!other_user())
		return true;
	if (!realpath(env_build_dir(), path))
		return false;
	for (char *end = path + strlen(path); end > path; end = strrchr(path, '/')) {
		*end = 0;
		if (*path && (stat(path, &st) || !(st.st_mode & S_IXOTH)))
			return false;
	}
	return true;
}

/*
 * Somebody sends it a signal; but of the two that mean what a program likes, only one that it has a
 * handler for: which of them it uses is its own matter.
 */
static inline void send_signal(pid_t pid, int sig)
{
	unsigned long long caught = 0;
	char path[40], line[80];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "SigCgt: %llx", &caught);
	if (f)
		fclose(f);
	if ((sig != SIGUSR1 && sig != SIGUSR2) || (caught >> (sig - 1) & 1))
		kill(pid, sig);
}

/* run_vmm() on an image by its path. */
#define RUN_IMAGE(image_, ...) \
	run_vmm(&(struct vmm_run){ .image = (image_), .args = { __VA_ARGS__ } })

#endif
