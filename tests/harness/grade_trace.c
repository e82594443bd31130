// SPDX-License-Identifier: MIT
#include "grade_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"

static void ignore(const struct test_result *r, void *arg)
{
}

static const struct test_result *first_blackbox_failure(const struct results *r)
{
	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *t = &r->tests[i];

		if (t->told && strstr(t->suite, "blackbox") &&
		    (t->outcome == T_FAIL || t->outcome == T_CRASH || t->outcome == T_TIMEOUT))
			return t;
	}
	return NULL;
}

const struct test_result *grade_trace(const struct results *r, const char *blackbox,
				      const char *vmm, const char *path)
{
	const struct test_result *failed = first_blackbox_failure(r);
	struct suite_call call = {
		.path = blackbox, .vmm = vmm, .no_retry = true, .on_result = ignore
	};
	struct stat st;
	char why[300];

	if (!failed)
		return NULL;
	call.filter = failed->name;
	call.limit = suite_limit(failed, 1, NULL);
	unlink(path);
	setenv(TRACE_INTO, path, 1);
	suite_call(&call, why, sizeof(why));
	unsetenv(TRACE_INTO);
	if (!stat(path, &st) && st.st_size)
		return failed;
	unlink(path); /* a VMM that has run no guest has opened its file, and that is all */
	return NULL;
}

void grade_trace_show(const struct results *r, const char *blackbox, const char *vmm,
		      const char *path)
{
	const struct test_result *t = path ? grade_trace(r, blackbox, vmm, path) : NULL;

	if (t)
		printf("What happened in %s, to be opened in a browser: %s\n", t->id, path);
}
