// SPDX-License-Identifier: MIT
#include "proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Is it only too long for this run? */
static bool is_left_out(json_t *test)
{
	return is_outcome(test, "skip") && strstr(text_of(test, "note"), "VMMLAB_LONGEST");
}

/*
 * The sum of the scores, or -1: a test of the tasks up to the i-th fails, or one of another task
 * passes, or any, graded or not, says that something is wrong. A test that is left out as too long
 * runs on its own task's rung; from there on it counts as passed.
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
 * Which tests run on the rung of the i-th task: all quick ones, and all of that task. In an
 * emulated machine those of that task and of the later ones, which must not pass yet: what has
 * passed on its own rung runs once more in the whole tree.
 */
static double rung(const struct prover *p, const struct tasks *tasks, int i, char *also,
		   size_t size)
{
	size_t len = 0;

	also[0] = 0;
	for (int k = i < 0 ? 0 : i; k < (p->engine ? (int)tasks->count : i + 1) && len < size; k++)
		len += snprintf(also + len, size - len, "%s,", tasks->task[k].id);
	return p->engine ? NONE : QUICK;
}

static void climb(struct prover *p, const struct tasks *tasks, int i, int want)
{
	const char *id = i < 0 ? "nothing" : tasks->task[i].id;
	unsigned minor = 0;
	char step[64], dir[PATH_MAX], also[400];
	json_t *results;
	long long score;
	double longest;

	if (i >= 0)
		minor = (unsigned)strtoul(strchr(id, '.') + 1, NULL, 10);
	snprintf(step, sizeof(step), "ladder %u, solved up to %s", tasks->lab, id);
	snprintf(dir, sizeof(dir), "%s/prove/ladder-%02u", p->build, tasks->lab);
	if (shell("tools/starter.sh --sol=%u '%s' >&2", tasks->lab * 100 + minor, dir)) {
		verdict(p, false, step, "the tree could not be written");
		return;
	}
	/* All of it is what a student begins with; later only programs hold what was solved. */
	longest = rung(p, tasks, i, also, sizeof(also));
	results = grade(p, dir, tasks->lab, i < 0 ? "WERROR=-Werror all" : "WERROR=-Werror vmm",
			longest, also, "");
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
