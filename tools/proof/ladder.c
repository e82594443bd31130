// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

/*
 * The sum of the scores, or -1: a test of the tasks up to the i-th fails, or one of another task
 * passes, or any, graded or not, says that something is wrong. A test that is left out runs on its
 * own task's rung; from there on it counts as passed.
 */
static long long points_of_the_right_tests(json_t *results, const struct tasks *tasks, int i)
{
	long long points = 0; /* "score" is null where a graded test was skipped */
	size_t index;
	json_t *test;

	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const struct task *task = tasks_find(tasks, text_of(test, "task"));
		long long max = json_integer_value(json_object_get(test, "max_score"));
		bool due = task && task - tasks->task <= i, passes = is_outcome(test, "pass");
		bool may_fail = !strcmp(text_of(test, "name"), "bits-that-the-guest-sees");

		points += json_integer_value(json_object_get(test, "score"));
		if (is_left_out(test) && due) {
			passes = true;
			points += max;
		}
		if ((is_wrong(test) && !may_fail) || (max && passes != due)) {
			fprintf(stderr, "%s: %s\n%s\n", text_of(test, "id"),
				text_of(test, "outcome"), text_of(test, "output"));
			return -1;
		}
	}
	return points;
}

/*
 * The top of the ladder, and another rung each time: on the step's turn, all tests run there. (On
 * all rungs they take six times as long, and tell hardly more.)
 */
static bool is_climbed_in_full(const struct tasks *tasks, int i)
{
	const char *today = getenv("VMMLAB_TODAY"); /* in days; a step has its turn on one in ten */
	long turn = today ? strtol(today, NULL, 10) / 10 : 0;

	return quick() >= ALL && (i == (int)tasks->count - 1 || i == turn % (long)tasks->count);
}

/*
 * In an emulated machine the tests of a task run on its own rung, and on the one below, where all
 * that it needs is there and it must not pass: that says the most.
 */
static void leave_out_other_rungs(struct graded *g, const struct tasks *tasks, int i)
{
	for (int k = 0; !is_climbed_in_full(tasks, i) && k < (int)tasks->count; k++)
		if (k < i || k > i + 1)
			show_append(g->without, sizeof(g->without), "%s,", tasks->task[k].id);
}

struct rung {
	char step[64];
	const char *task; /* its id, or "nothing" */
	int want;	  /* points */
	struct graded g;
};

/* The tree solved up to the i-th task: its tests, as far as they run here. */
static void climb(struct prover *p, const struct tasks *tasks, int i, const char *dir,
		  struct rung *r)
{
	unsigned minor = 0;

	r->task = i < 0 ? "nothing" : tasks->task[i].id;
	if (i >= 0)
		minor = (unsigned)strtoul(strchr(r->task, '.') + 1, NULL, 10);
	snprintf(r->step, sizeof(r->step), "ladder %u, solved up to %s", tasks->lab, r->task);
	r->g = (struct graded){
		.lab = tasks->lab,
		.number = (unsigned)(i + 1) % TOGETHER_MAX,
		.make_args = "WERROR=-Werror",
		.suites = "",
		.longest = quick(),
		.also = r->task,
		.grade_args = "",
	};
	leave_out_other_rungs(&r->g, tasks, i);
	if (shell("tools/starter.sh --exact --sol=%u '%s' >&2", tasks->lab * 100 + minor, dir))
		printf("      %s: the tree could not be written\n", r->step);
	else
		grade_here(p, dir, &r->g);
}

static void judge(struct prover *p, const struct tasks *tasks, int i, struct rung *r)
{
	long long score;

	if (!r->g.results) {
		verdict(p, false, r->step,
			"it does not build without a warning, or was not graded");
		return;
	}
	score = points_of_the_right_tests(r->g.results, tasks, i);
	verdict(p, score == r->want, r->step, "%lld points, must be %d", score, r->want);
	json_decref(r->g.results);
}

void prove_ladder(struct prover *p, const struct tasks *tasks)
{
	static struct rung rung[TOGETHER_MAX];
	struct graded *waiting[TOGETHER_MAX];
	int points = 0, first = -1, n = 0;
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s/prove/ladder-%02u", p->build, tasks->lab);
	for (int i = -1; i < (int)tasks->count; i++) {
		points += i < 0 ? 0 : tasks->task[i].points;
		rung[n].want = points;
		climb(p, tasks, i, dir, &rung[n]);
		waiting[n] = &rung[n].g;
		if (++n < TOGETHER_MAX && i + 1 < (int)tasks->count)
			continue;
		grade_there(p, dir, waiting, n);
		for (int k = 0; k < n; k++)
			judge(p, tasks, first + k, &rung[k]);
		first = i + 1;
		n = 0;
	}
	verdict(p, points + tasks->to_come == 100, "points", "the lab's tasks add up to %d",
		points);
}
