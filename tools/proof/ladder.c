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
static void leave_out_other_rungs(struct prover *p, const struct tasks *tasks, int i)
{
	p->without[0] = 0;
	for (int k = 0; !is_climbed_in_full(tasks, i) && k < (int)tasks->count; k++)
		if (k < i || k > i + 1)
			show_append(p->without, sizeof(p->without), "%s,", tasks->task[k].id);
}

static void climb(struct prover *p, const struct tasks *tasks, int i, int want)
{
	const char *id = i < 0 ? "nothing" : tasks->task[i].id;
	unsigned minor = 0;
	char step[64], dir[PATH_MAX];
	json_t *results;
	long long score;

	if (i >= 0)
		minor = (unsigned)strtoul(strchr(id, '.') + 1, NULL, 10);
	snprintf(step, sizeof(step), "ladder %u, solved up to %s", tasks->lab, id);
	snprintf(dir, sizeof(dir), "%s/prove/ladder-%02u", p->build, tasks->lab);
	if (shell("tools/starter.sh --exact --sol=%u '%s' >&2", tasks->lab * 100 + minor, dir)) {
		verdict(p, false, step, "the tree could not be written");
		return;
	}
	leave_out_other_rungs(p, tasks, i);
	results = grade(p, dir, tasks->lab, "WERROR=-Werror", quick(), id, "");
	if (!results) {
		verdict(p, false, step, "it does not build without a warning, or was not graded");
		return;
	}
	score = points_of_the_right_tests(results, tasks, i);
	verdict(p, score == want, step, "%lld points, must be %d", score, want);
	json_decref(results);
}

void prove_ladder(struct prover *p, const struct tasks *tasks)
{
	int points = 0;

	climb(p, tasks, -1, 0);
	for (int i = 0; i < (int)tasks->count; i++) {
		points += tasks->task[i].points;
		climb(p, tasks, i, points);
	}
	verdict(p, points + tasks->to_come == 100, "points", "the lab's tasks add up to %d",
		points);
}
