// SPDX-License-Identifier: MIT
/* What Bochs has seen of a hypervisor for Intel's CPUs: its log. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "bare.h"
#include "proc.h"

#define PLUGINS "/usr/lib/*/bochs/plugins"

/* (Debian has its screens in packages of their own. Elsewhere they come with it.) */
static bool has_term(void)
{
	glob_t some = { 0 }, term = { 0 };
	bool plugins = !glob(PLUGINS "/*", 0, NULL, &some);
	bool is_there = !glob(PLUGINS "/*term*", 0, NULL, &term);

	globfree(&some);
	globfree(&term);
	return is_there || !plugins;
}

bool bochs_is_there(void)
{
	char *argv[] = { "sh", "-c", "command -v bochs", NULL };
	struct proc_result r;
	bool found = !proc_run(argv, NULL, &r) && !proc_exit_code(&r);

	proc_free(&r);
	return found && has_term();
}

/* The text of a line of the log, behind the number of the tick and the device. */
static const char *text_of(const char *line)
{
	const char *text = strchr(line, ']');

	return text ? text + 1 + strspn(text + 1, " ") : line;
}

const char *bochs_words(const struct bare *b)
{
	const char *last = NULL;

	for (const char *line = b->log; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(text_of(line), "VMFAIL", 6) ||
		    !strncmp(text_of(line), "VMENTER FAIL", 12))
			last = text_of(line);
	}
	return last ? test_text("Bochs says: %.*s", (int)strcspn(last, "\n"), last) : "";
}

unsigned bochs_exits(const struct bare *b, unsigned reason)
{
	return bare_count(b, test_text("VMEXIT reason = %u ", reason));
}
