// SPDX-License-Identifier: MIT
#include "linked.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

static const char *faults_path(const char *suite)
{
	static char path[PATH_MAX];

	show_format(path, sizeof(path), "%s-faults", suite);
	return path;
}

bool linked_was_checked(const char *suite)
{
	return access(faults_path(suite), R_OK) == 0;
}

void linked_say_faults(const char *suite, char *buf, size_t size)
{
	FILE *f = fopen(faults_path(suite), "r");
	char line[400];

	show_format(buf, size, "%s", f ? "" : strerror(errno));
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		printf("%s\n", line);
		if (!buf[0])
			show_format(buf, size, "%s", line);
	}
	if (f)
		fclose(f);
}
