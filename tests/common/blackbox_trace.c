// SPDX-License-Identifier: MIT
/* --trace on real runs. (The suite runs the highest lab's VMM, and the lower ones have their own.)
 */
#include <string.h>
#include <unistd.h>

#include "proc.h"
#include "capture.h"
#include "terminal.h"
#include "trace_schema.h"

static struct schema s;

static struct outcome traced(const char *guest, const char *form, const char *const args[5])
{
	struct vmm_run run = { .guest = guest };

	for (unsigned i = 0; args && i < 5 && args[i]; i++)
		run.args[i] = args[i];
	for (unsigned i = 0; i < VMM_ARGS_MAX - 1; i++) {
		if (run.args[i])
			continue;
		run.args[i] = test_text("--trace=%s", test_tmpfile(form));
		break;
	}
	return run_vmm(&run);
}

#define ARGS(...) ((const char *const[5]){ __VA_ARGS__ })

/* The exits that the report has counted, of all kinds. */
static u64 exits_in_all(const struct outcome *o)
{
	u64 n = 0;

	for (unsigned i = 0; i < o->report.nkinds; i++)
		n += o->report.kinds[i].count;
	return n;
}

/* A guest's JSON fits the schema, and has its exits. */
static struct outcome check_guest(const char *guest, const char *const args[5])
{
	struct outcome o = traced(guest, "a.json", args);

	CONTEXT("guest %s with --trace=a.json", guest);
	json_decref(check_trace(&s, test_tmpfile("a.json")));
	EXPECT_TRUE(s.guests > 0);
	EXPECT_U64(s.guests, exits_in_all(&o));
	return o;
}

TEST_KVM("-", trace_has_each_exit, 0, .seconds = 1)
{
	check_guest("02/hello16", ARGS(NULL));
	check_guest("02/triple-fault", ARGS(NULL));
	check_guest("02/string-out", ARGS(NULL));
}

TEST_KVM("-", trace_has_interrupts, 0, .seconds = 2)
{
	check_guest("04/first-irq", ARGS(NULL));
	CONTEXT("interrupts go into service and are ended; lines rise and fall; vectors are given");
	EXPECT_TRUE(s.spans > 0);
	EXPECT_TRUE(s.points > 0);
	EXPECT_TRUE(s.counters > 0);
	check_guest("04/nmi", ARGS(NULL));
	EXPECT_TRUE(s.points > 0);
}

TEST_KVM("-", trace_has_requests, 0, .seconds = 1)
{
	check_guest("05/rng", ARGS("--device=rng"));
	EXPECT_TRUE(s.flows > 0);
	CONTEXT("the I/O thread serves the queue: a track of its own");
	check_guest("05/rng", ARGS("--device=rng", "--notify=eventfd"));
	EXPECT_TRUE(s.flows > 0);
	EXPECT_TRUE(s.names >= 2);
}

TEST_KVM("-", trace_of_a_guest_that_is_stopped, 0, .seconds = 2)
{
	struct outcome o = traced("02/spin", "a.json", ARGS("--timeout=1"));

	CONTEXT("the time limit ends the guest, and its trace is there");
	EXPECT_VERDICT(o, timeout);
	json_decref(check_trace(&s, test_tmpfile("a.json")));
	EXPECT_TRUE(s.guests > 0);
}

TEST_KVM("-", trace_of_what_nobody_knows, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){
		.guest = "02/halt", .args = { "--trace=a.txt" }, .no_report = true });

	EXPECT_U64(o.status, 2);
	EXPECT_CONTAINS(o.err, "--trace=a.txt: must end with .html");
}

TEST_KVM("-", live_draws_at_the_top, 0, .seconds = 1)
{
	static const struct step steps[] = { { "exits", "", 0 }, { NULL, NULL, 0 } };
	struct stage *stage = set_stage(steps);
	struct outcome o;

	stage->stderr_too = stage->no_stdin = true;
	set_size(stage->terminal, 80, 40);
	o = run_vmm(&(struct vmm_run){
		.guest = "02/hello16", .args = { "--live" }, .prepare = sit_down, .arg = stage });
	read_rest(stage);
	CONTEXT("the rows below the picture scroll, and all of them again at the end");
	EXPECT_VERDICT(o, halted);
	EXPECT_CONTAINS(stage->screen, "\033[13;40r");
	EXPECT_CONTAINS(stage->screen, "IO_OUT");
	EXPECT_CONTAINS(stage->screen, "\033[r");
}

TEST_KVM("-", live_needs_a_terminal, 0)
{
	struct outcome o = run_vmm(&(struct vmm_run){ .guest = "02/halt",
						      .args = { "--live" },
						      .env = { "VMMLAB_PROGRESS" },
						      .no_report = true });

	EXPECT_U64(o.status, 1);
	EXPECT_CONTAINS(o.err, "--live: standard error is no terminal");
}

TEST_KVM("-", trace_page_of_a_run, 0)
{
	struct outcome o = traced("02/hello64", "a.html", ARGS(NULL));
	char *page = file_text(test_tmpfile("a.html"));

	CONTEXT("the code from which the exits came is in the page, as instructions");
	EXPECT_VERDICT(o, exit);
	EXPECT_CONTAINS(page, "out %al");
	EXPECT_CONTAINS(page, "slot 0: 0x0");
}
