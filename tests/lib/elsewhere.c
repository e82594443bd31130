// SPDX-License-Identifier: MIT
#include "elsewhere.h"

#include <string.h>

#include "show.h"

bool elsewhere_is_here(const struct elsewhere *e)
{
	return !strcmp(e->engine, "native");
}

unsigned elsewhere_argv(struct elsewhere *e, char **argv, const char *program,
			const char *const put[2], const char *const get[2])
{
	static char box[PATH_MAX];
	unsigned n = 0, used = 0;

	if (!elsewhere_is_here(e)) {
		show_format(box, sizeof(box), "%s/tools/box/box", e->build);
		argv[n++] = box;
		show_format(e->text[used], sizeof(e->text[0]), "--engine=%s", e->engine);
		argv[n++] = e->text[used++];
		for (int i = 0; i < 4; i++) {
			const char *file = i < 2 ? put[i] : get[i - 2];

			if (!file || !*file)
				continue;
			show_format(e->text[used], sizeof(e->text[0]), "--%s=%s",
				    i < 2 ? "put" : "get", file);
			argv[n++] = e->text[used++];
		}
		argv[n++] = "--";
	}
	argv[n++] = (char *)program;
	return n;
}
