// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "proc.h"
#include "show.h"

void verdict(struct prover *p, bool ok, const char *step, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		p->passed++;
	else
		p->failed++;
	printf("%s  %s: ", ok ? "ok  " : "FAIL", step);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

int shell_for(unsigned seconds, const char *fmt, ...)
{
	const struct proc_opts opts = { .limit = seconds };
	struct proc_result r;
	char line[4 * PATH_MAX];
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, line, NULL };
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (proc_run(argv, &opts, &r) < 0)
		return 127;
	status = r.timed_out ? 124 : proc_exit_code(&r);
	if (status)
		fprintf(stderr, "%s\n%s", line, r.err);
	proc_free(&r);
	return status;
}

double quick(void)
{
	return getenv("VMMLAB_RENEW") ? ALL : 0.3;
}

const char *text_of(json_t *test, const char *key)
{
	const char *text = json_string_value(json_object_get(test, key));

	return text ? text : "";
}

bool is_outcome(json_t *test, const char *outcome)
{
	return !strcmp(text_of(test, "outcome"), outcome);
}

bool is_left_out(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), "VMMLAB_LONGEST");
}

bool is_wrong(json_t *test)
{
	static const char *const fine[] = { "pass", "skip", "blocked", "not_implemented" };

	for (unsigned i = 0; i < ARRAY_SIZE(fine); i++)
		if (is_outcome(test, fine[i]))
			return false;
	return true;
}
