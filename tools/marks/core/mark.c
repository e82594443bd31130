// SPDX-License-Identifier: MIT
#include "mark.h"

#include <errno.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

const char *mark_state_name(enum mark_state state)
{
	static const char *const names[] = {
		[MARK_UNDER_WAY] = "under-way",
		[MARK_GRADED] = "graded",
		[MARK_DOES_NOT_COMPILE] = "does-not-compile",
		[MARK_NOT_GRADABLE] = "not-gradable",
		[MARK_REFUSED] = "refused",
		[MARK_KILLED] = "killed",
		[MARK_ENVIRONMENT] = "environment",
	};

	return names[state];
}

/* One line of printable characters. */
static void one_line(char *text)
{
	text[strcspn(text, "\n")] = 0;
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void mark_settle(struct mark *m, enum mark_state state, const char *fmt, ...)
{
	va_list ap;

	if (m->state != MARK_UNDER_WAY)
		return;
	m->state = state;
	va_start(ap, fmt);
	vsnprintf(m->reason, sizeof(m->reason), fmt, ap);
	va_end(ap);
	one_line(m->reason);
}

#define FLAGS_MAX 20

void mark_flag(struct mark *m, const char *fmt, ...)
{
	char text[200];
	va_list ap;
	size_t i;
	json_t *flag;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	json_array_foreach(m->flags, i, flag)
	{
		if (!strcmp(json_string_value(flag), text))
			return;
	}
	/* What the tests show stands before what the code may be, and finds room: a cell of a table
	 * is short, and anybody can import a lot. */
	if (m->results && json_array_size(m->flags) < FLAGS_MAX)
		json_array_insert_new(m->flags, 0, json_string(text));
	else if (json_array_size(m->flags) < FLAGS_MAX / 2)
		json_array_append_new(m->flags, json_string(text));
}

const char *mark_path(const struct mark *m, const char *name)
{
	static char path[8][PATH_MAX];
	static unsigned next;
	char *p = path[next++ % 8];

	show_format(p, PATH_MAX, "%s/%s", m->work, name);
	return p;
}

int mark_begin_work(struct mark *m)
{
	const char *tmp = getenv("TMPDIR");

	show_format(m->work, sizeof(m->work), "%s/vmmlab-mark-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(m->work)) {
		m->work[0] = 0;
		return -errno;
	}
	return chmod(m->work, 0711) ? -errno : 0; /* (another user works further down) */
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path) && 0;
}

void mark_end_work(struct mark *m)
{
	if (m->work[0])
		nftw(m->work, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	m->work[0] = 0;
}
