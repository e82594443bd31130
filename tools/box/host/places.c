// SPDX-License-Identifier: MIT
#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool program_find(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");

	for (const char *p = dirs ? dirs : "/usr/bin"; *p;) {
		size_t len = strcspn(p, ":");

		snprintf(path, PATH_MAX, "%.*s/%s", (int)len, p, name);
		if (access(path, X_OK) == 0)
			return true;
		p += len + (p[len] == ':');
	}
	return false;
}

bool cache_place(char path[PATH_MAX])
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int n = -1;

	if (xdg && *xdg == '/')
		n = snprintf(path, PATH_MAX, "%s/vmmlab", xdg);
	else if (home && *home)
		n = snprintf(path, PATH_MAX, "%s/.cache/vmmlab", home);
	return n > 0 && n < PATH_MAX - 64; /* names of files in it are appended */
}
