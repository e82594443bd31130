// SPDX-License-Identifier: MIT
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "env.h"
#include "proc.h"
#include "show.h"

/* A suite that only lists its tests; it holds code under test, which can run before main(). */
#define LISTING_SECONDS 60
/* What each test may take beside its own limit: twice its grace time, and its making. */
#define EXTRA_SECONDS 10

static void take_line(char *line, void *arg)
{
	const struct suite_call *call = arg;
	struct test_result r = { .outcome = T_ERROR };
	json_t *json = json_loads(line, 0, NULL);

	if (json && result_from_json(&r, json) == 0)
		call->on_result(&r, call->arg);
	json_decref(json);
}

/* Start the suite's binary and read its lines of JSON. */
static int start(const struct suite_call *call, char *const argv[], double limit, char *why,
		 size_t size)
{
	struct proc_opts opts = {
		.limit = limit,
		.on_line = take_line,
		.line_fd = 3,
		.arg = (void *)call,
	};
	struct proc_result p;
	int ret = proc_run(argv, &opts, &p);

	if (ret) {
		show_format(why, size, "%s: %s", call->path, strerror(-ret));
	} else if (p.timed_out) {
		ret = -ETIMEDOUT;
		show_format(why, size, "%s did not end within %.0f s", call->path, limit);
	} else if (WIFSIGNALED(p.status) || WEXITSTATUS(p.status) > 1) {
		ret = -EPROTO;
		show_format(why, size, "%s ended with status %d: %.200s", call->path,
			    proc_exit_code(&p), p.err);
	}
	why[strcspn(why, "\n")] = 0;
	proc_free(&p);
	return ret;
}

static void add(const struct test_result *r, void *arg)
{
	results_add(arg, r);
}

int suite_plan(const struct suite_call *call, struct results *tests, char *why, size_t size)
{
	char filter[160];
	char *argv[] = { (char *)call->path, "--list", "--json-fd=3", NULL, NULL };
	struct suite_call listing = *call;

	listing.on_result = add;
	listing.arg = tests;
	show_format(filter, sizeof(filter), "--filter=%s", call->filter ? call->filter : "");
	if (call->filter)
		argv[3] = filter;
	why[0] = 0;
	return start(&listing, argv, LISTING_SECONDS * env_time_scale(), why, size);
}

double suite_limit(const struct test_result *tests, size_t n, const char *task)
{
	double limit = LISTING_SECONDS * env_time_scale();

	for (size_t i = 0; i < n; i++) /* each may run twice */
		if (!task || !strcmp(tests[i].task, task))
			limit += 2 * tests[i].limit + EXTRA_SECONDS * env_time_scale();
	return limit;
}

int suite_call(const struct suite_call *call, char *why, size_t size)
{
	char filter[160], vmm[1024], no_kvm[400], *argv[8];
	size_t n = 0;

	argv[n++] = (char *)call->path;
	argv[n++] = "--json-fd=3";
	if (call->filter) {
		show_format(filter, sizeof(filter), "--filter=%s", call->filter);
		argv[n++] = filter;
	}
	if (call->vmm) {
		show_format(vmm, sizeof(vmm), "--vmm=%s", call->vmm);
		argv[n++] = vmm;
	}
	if (call->no_kvm) {
		show_format(no_kvm, sizeof(no_kvm), "--no-kvm=%s", call->no_kvm);
		argv[n++] = no_kvm;
	}
	if (call->no_retry)
		argv[n++] = "--no-retry";
	argv[n] = NULL;
	why[0] = 0;
	return start(call, argv, call->limit, why, size);
}
