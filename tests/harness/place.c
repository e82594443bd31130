// SPDX-License-Identifier: MIT
#include "place.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crash.h"
#include "proc.h"
#include "show.h"

#define ADDR2LINE_SECONDS 20

/* "/home/me/labs/05-virtio/blk.c" -> "labs/05-virtio/blk.c", if it lies in such a folder. */
static const char *below(const char *path, const char *folder)
{
	const char *found = NULL;

	for (const char *p = path; (p = strstr(p, folder)); p++)
		if (p == path || p[-1] == '/')
			found = p;
	return found;
}

/* Two lines for each place: the function, and "file:line" or "file:line (discriminator 3)". */
static bool take_place(const char *function, char *file, const char *folder, char *buf, size_t size)
{
	const char *path = below(file, folder);

	if (!path)
		return false;
	file[strcspn(file, " ")] = 0;
	show_format(buf, size, "%.60s(), %s", function, path);
	for (char *p = buf; *p; p++) /* the names are those that somebody else has compiled */
		if (!isprint((unsigned char)*p))
			*p = '?';
	return true;
}

static bool first_place(const char *text, const char *folder, char *buf, size_t size)
{
	char *copy = strdup(text), *save = NULL;
	bool found = false;

	for (char *function = copy ? strtok_r(copy, "\n", &save) : NULL; function && !found;
	     function = strtok_r(NULL, "\n", &save)) {
		char *file = strtok_r(NULL, "\n", &save);

		found = file && take_place(function, file, folder, buf, size);
	}
	free(copy);
	return found;
}

bool place_find(const char *program, const char *addresses, char *buf, size_t size)
{
	static const char *const folders[] = { "labs/", "tests/lab", "tests/", "common/" };
	char text[CRASH_PLACES][20], path[PATH_MAX],
		*argv[CRASH_PLACES + 5] = { getenv("VMMLAB_ADDR2LINE") ?: "addr2line", "-fie",
					    path };
	struct proc_opts opts = { .limit = ADDR2LINE_SECONDS, .max_memory = PROC_MAX_MEMORY };
	struct proc_result p;
	size_t n = 0;
	char *end;

	buf[0] = 0;
	if (!realpath(program, path)) /* which could be /proc/self/exe */
		return false;
	for (; n < CRASH_PLACES; n++, addresses = end) {
		u64 address = strtoull(addresses, &end, 16);

		if (end == addresses)
			break;
		show_format(text[n], sizeof(text[n]), "0x%llx", (unsigned long long)address);
		argv[3 + n] = text[n];
	}
	if (!n || proc_run(argv, &opts, &p))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(folders) && !buf[0]; i++)
		first_place(p.out, folders[i], buf, size);
	proc_free(&p);
	return buf[0];
}

const char *place_in(const char *text, const char *what)
{
	const char *found = NULL;

	for (const char *p = text; (p = strstr(p, what)); p++) {
		const char *at = strstr(p, CRASH_AT " 0x");

		if (at && at < strchrnul(p, '\n'))
			found = at + strlen(CRASH_AT);
	}
	return found;
}
