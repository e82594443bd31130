// SPDX-License-Identifier: MIT
#include "suites.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "env.h"
#include "nonce.h"
#include "proc.h"
#include "show.h"

/* A suite that only lists its tests. */
#define LISTING_SECONDS 60
/* What each test may take beside its own limit: twice its grace time, and its making. */
#define EXTRA_SECONDS 10

/* A suite's binary under way. */
struct reading {
	const struct suite_call *call;
	char seal[NONCE_SEAL_SIZE];
	unsigned ignored;
	int status;
};

/* The planned result that this one replaces; NULL: nobody waits for it. */
static struct test_result *planned(const struct suite_call *call, const struct test_result *r)
{
	for (size_t i = 0; i < call->nplanned; i++)
		if (!call->planned[i].told && !strcmp(call->planned[i].id, r->id))
			return &call->planned[i];
	return NULL;
}

static void take_result(struct reading *reading, struct test_result *r)
{
	struct test_result *plan = planned(reading->call, r);

	if (!plan && reading->call->planned) {
		reading->ignored++;
		return;
	}
	if (plan) {
		memcpy(r, plan, offsetof(struct test_result, outcome)); /* what it is called */
		r->max_score = plan->max_score;
		r->score = r->outcome == T_PASS ? r->max_score : 0;
		r->told = true;
		*plan = *r;
	}
	reading->call->on_result(r, reading->call->arg);
}

static void take_line(char *line, void *arg)
{
	struct reading *reading = arg;
	struct test_result r = { .outcome = T_ERROR };
	size_t len = strlen(reading->seal);
	json_t *json = strncmp(line, reading->seal, len) ? NULL : json_loads(line + len, 0, NULL);

	if (json && result_from_json(&r, json) == 0)
		take_result(reading, &r);
	else
		reading->ignored++;
	json_decref(json);
}

/* Start the suite's binary and read its lines of JSON. */
static int start(struct reading *reading, char *const argv[], double limit, char *why, size_t size)
{
	char seal[sizeof(SUITE_SEAL) + sizeof(reading->seal)];
	char *env[] = { seal, NULL };
	struct proc_opts opts = {
		.limit = limit,
		.on_line = take_line,
		.line_fd = 3,
		.extra_env = env,
		.arg = reading,
	};
	struct proc_result p;
	int ret;

	nonce_seal(reading->seal);
	show_format(seal, sizeof(seal), "%s=%s", SUITE_SEAL, reading->seal);
	ret = proc_run(argv, &opts, &p);
	reading->status = p.status;
	if (ret) {
		show_format(why, size, "%s: %s", argv[0], strerror(-ret));
	} else if (p.timed_out) {
		ret = -ETIMEDOUT;
		show_format(why, size, "%s did not end within %.0f s", argv[0], limit);
	} else if (WIFSIGNALED(p.status) || WEXITSTATUS(p.status) > 1) {
		ret = -EPROTO;
		show_format(why, size, "%s ended with status %d: %.200s", argv[0],
			    proc_exit_code(&p), p.err);
	}
	why[strcspn(why, "\n")] = 0;
	proc_free(&p);
	return ret;
}

/* The suite has come to an end of its own. Are there tests of which it has said nothing? */
static void expect_told(const struct reading *reading)
{
	const struct suite_call *call = reading->call;
	const char *kind = strrchr(call->path, '/');

	for (size_t i = 0; i < call->nplanned; i++) {
		struct test_result *r = &call->planned[i];

		if (r->told || r->outcome != T_ERROR)
			continue;
		r->outcome = T_CRASH;
		show_format(r->note, sizeof(r->note),
			    "the %s tests ended with status %d before their list",
			    kind ? kind + 1 : call->path, WEXITSTATUS(reading->status));
	}
}

static void add(const struct test_result *r, void *arg)
{
	results_add(arg, r);
}

int suite_plan(const struct suite_call *call, struct results *tests, char *why, size_t size)
{
	char filter[160], plan[PATH_MAX];
	char *argv[] = { plan, "--list", "--json-fd=3", NULL, NULL };
	struct suite_call listing = { .path = call->path, .on_result = add, .arg = tests };
	struct reading reading = { .call = &listing };

	show_format(plan, sizeof(plan), "%s-plan", call->path);
	if (access(plan, F_OK))
		show_format(plan, sizeof(plan), "%s", call->path);
	show_format(filter, sizeof(filter), "--filter=%s", call->filter ? call->filter : "");
	if (call->filter)
		argv[3] = filter;
	why[0] = 0;
	return start(&reading, argv, LISTING_SECONDS * env_time_scale(), why, size);
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
	struct reading reading = { .call = call };
	size_t n = 0;
	int ret;

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
	ret = start(&reading, argv, call->limit, why, size);
	if (!ret)
		expect_told(&reading);
	if (reading.ignored)
		fprintf(stderr,
			"%s: results ignored: %u (of a test that was not to run now or has run "
			"already, or not sent by the suite)\n",
			call->path, reading.ignored);
	return ret;
}

void suite_limit_until(struct suite_call *call, double ends)
{
	double left = ends - proc_now();

	if (ends && left < call->limit)
		call->limit = left > 1 ? left : 1;
}

int suite_give_up(const struct suite_call *call, int ret, const char *why)
{
	for (size_t i = 0; i < call->nplanned; i++) {
		struct test_result *r = &call->planned[i];

		if (r->told || r->outcome != T_ERROR)
			continue;
		r->outcome = ret == -ETIMEDOUT ? T_TIMEOUT : T_CRASH;
		show_format(r->note, sizeof(r->note), "%s",
			    ret == -ETIMEDOUT ? "the time for this grade was over" : why);
	}
	return 0;
}
