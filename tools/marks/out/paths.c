// SPDX-License-Identifier: MIT
#include "paths.h"

#include <ctype.h>
#include <string.h>

#include "types.h"

/* A path goes on for as long as this does. */
static bool in_path(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("/._-+~%@#", c)) || (c & 0x80);
}

/* Of /x/y/labs/z: how much goes before labs/z. */
static size_t in_front(const char *path, size_t len)
{
	static const char *const roots[] = { "/labs/", "/tests/", "/guests/", "/common/",
					     "/tools/" };
	static const char *const kept[] = { "/dev/", "/proc/", "/sys/", "/usr/include/" };
	size_t last = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (!strncmp(path, kept[i], strlen(kept[i])))
			return 0;
	for (size_t i = 0; i < len; i++) {
		for (size_t r = 0; r < ARRAY_SIZE(roots); r++)
			if (!strncmp(path + i, roots[r], strlen(roots[r])))
				return i + 1;
		if (path[i] == '/' && i + 1 < len && in_path(path[i + 1]))
			last = i + 1;
	}
	return last;
}

void paths_shorten(char *text)
{
	char *to = text;
	char before = ' ';

	for (char *p = text; *p;) {
		size_t len = 0;

		/* (12/16 and labs/x do not begin with a slash, and a lone / is none.) */
		if (*p == '/' && !in_path(before) && in_path(p[1]))
			while (in_path(p[len]))
				len++;
		if (len) {
			size_t gone = in_front(p, len);

			memmove(to, p + gone, len - gone);
			to += len - gone;
			before = p[len - 1];
			p += len;
		} else {
			before = *to++ = *p++;
		}
	}
	*to = 0;
}
