// SPDX-License-Identifier: MIT
#include "strays.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHILDREN_MAX 4096
#define ROUNDS	     5000 /* of a millisecond */

/* The common case, for one system call: the process has no child at all. */
static bool is_childless(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

/* The parent of a process; -1 when it is gone. Its name stands in parentheses and may hold any. */
static pid_t parent_of(const char *pid)
{
	char path[300], stat[512], *end;
	int parent = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	stat[fread(stat, 1, sizeof(stat) - 1, f)] = 0;
	fclose(f);
	end = strrchr(stat, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : -1;
}

/* Our children, at most max of them. */
static size_t children(pid_t *list, size_t max)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t n = 0;

	while (proc && n < max && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    parent_of(entry->d_name) == getpid())
			list[n++] = atoi(entry->d_name);
	if (proc)
		closedir(proc);
	return n;
}

void strays_expect(struct strays *s)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	s->nknown = is_childless() ? 0 : children(s->known, STRAYS_KNOWN_MAX);
}

static bool is_known(const struct strays *s, pid_t pid)
{
	for (size_t i = 0; i < s->nknown; i++)
		if (s->known[i] == pid)
			return true;
	return false;
}

void strays_kill(const struct strays *s)
{
	static const struct timespec ms = { .tv_nsec = 1000000 };

	/* Each one that dies leaves us its own children: hence round by round. */
	for (int round = 0; round < ROUNDS && !is_childless(); round++) {
		pid_t list[CHILDREN_MAX];
		size_t n = children(list, CHILDREN_MAX), left = 0;

		for (size_t i = 0; i < n; i++) {
			if (is_known(s, list[i]))
				continue;
			left++;
			kill(list[i], SIGKILL);
			waitpid(list[i], NULL, WNOHANG);
		}
		if (!left)
			return;
		if (round) /* the first ones are often dead already */
			nanosleep(&ms, NULL);
	}
}
