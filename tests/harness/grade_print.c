// SPDX-License-Identifier: MIT
#include "grade_print.h"

#include <stdio.h>
#include <string.h>

#include "blame.h"
#include "print.h"
#include "show.h"

#define BUILD_LINES 6

const struct test_result *grade_first_failure(const struct results *r)
{
	for (size_t i = 0; i < r->ntests; i++)
		if (r->tests[i].outcome == T_FAIL || r->tests[i].outcome == T_CRASH ||
		    r->tests[i].outcome == T_TIMEOUT)
			return &r->tests[i];
	return NULL;
}

int task_score(const struct results *r, const char *task)
{
	int score = 0;

	for (size_t i = 0; i < r->ntests; i++)
		if (!strcmp(r->tests[i].task, task))
			score += r->tests[i].score;
	return score;
}

/* How many points of a task its tests with this outcome are worth, and the first such test. */
static const struct test_result *with_outcome(const struct results *r, const struct task *task,
					      enum test_outcome outcome, int *points)
{
	const struct test_result *first = NULL;

	*points = 0;
	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *t = &r->tests[i];

		if (t->outcome != outcome || strcmp(t->task, task->id) != 0)
			continue;
		*points += t->max_score;
		if (!first)
			first = t;
	}
	return first;
}

/* Tests that did not fail but could not pass: one line for a task, not one for each test. */
static void print_undone(const struct results *r, const struct tasks *t, const struct task *task,
			 bool *full)
{
	char place[360], note[400];
	const struct test_result *test;
	int points;

	test = with_outcome(r, task, T_NOT_IMPLEMENTED, &points);
	if (test) {
		if (result_has_todo(test, task->id))
			show_format(note, sizeof(note), "not done yet: %s",
				    test->stub[0] ? test->stub
						  : task_place(t, task, place, sizeof(place)));
		else
			show_format(note, sizeof(note), "needs task %s first", test->todos);
		print_head(stdout, "TODO", task->id, task->title, 0, points, note);
		if (*full)
			print_read_on(stdout, task->id, task->title);
		*full = false;
	}
	test = with_outcome(r, task, T_BLOCKED, &points);
	if (test)
		print_head(stdout, "WAIT", task->id, task->title, 0, points, test->note);
}

static void print_task(const struct results *r, const struct tasks *t, const struct task *task,
		       bool verbose, bool *full)
{
	for (size_t i = 0; i < r->ntests; i++) {
		const struct test_result *test = &r->tests[i];

		if (strcmp(test->task, task->id) != 0 || test->outcome == T_BLOCKED ||
		    test->outcome == T_NOT_IMPLEMENTED)
			continue;
		if (outcome_is_failure(test->outcome)) {
			if (*full || verbose) /* a single task is looked at closely */
				print_block(stdout, test, *full ? task->title : NULL,
					    verbose || r->task);
			else
				print_line(stdout, test);
			*full = false;
		} else if (test->outcome == T_SKIP || test->flaky) {
			print_line(stdout, test);
		}
	}
	print_undone(r, t, task, full);
}

/* A task alone is not told what it waits for: the others have not been run. */
static void print_needs(const struct tasks *t, const struct task *task)
{
	if (!task || !strcmp(task->after, "-"))
		return;
	printf(" It needs %s: ./lab grade LAB=%02u looks at all.", task->after, t->lab);
}

/* Has somebody's own code failed? Not for want of a lab below, of which nothing is there. */
static bool has_begun(const struct results *r)
{
	for (size_t i = 0; i < r->ntests; i++)
		if (outcome_is_failure(r->tests[i].outcome) && !r->tests[i].todos[0])
			return true;
	return false;
}

static void print_last_line(const struct results *r, const struct tasks *t, const char *next_lab)
{
	const struct task *next = r->next_task ? tasks_find(t, r->next_task) : NULL;
	const struct test_result *failure = grade_first_failure(r);
	int score = results_score(r);
	char place[360];

	if (r->status != R_PASS && r->status != R_FAIL) {
		printf("Lab %u: not graded: %s\n", t->lab, r->message);
		return;
	}
	if (r->task) {
		printf("Task %s: %d/%d.", r->task, score, r->max_score);
		if (r->status == R_PASS)
			printf(" Done. All of the lab: ./lab grade LAB=%02u", t->lab);
		else if (r->max_score && score == r->max_score)
			printf(" But a test fails, even if no points hang on it.");
		else
			print_needs(t, tasks_find(t, r->task));
		putchar('\n');
		return;
	}
	if (score == 0 && next && !has_begun(r))
		printf("Everything is installed. Start with %s: %s.\n", next->id,
		       task_place(t, next, place, sizeof(place)));
	if (next)
		printf("Lab %u: %d/%d. Next: task %s.\n", t->lab, score, r->max_score, next->id);
	else if (failure)
		printf("Lab %u: %d/%d. But %s fails, even if no points hang on it.\n", t->lab,
		       score, r->max_score, failure->id);
	else
		printf("Lab %u: %d/%d. All tasks are done.%s%s%s\n", t->lab, score, r->max_score,
		       next_lab ? " Go on with " : "", next_lab ?: "",
		       next_lab ? "/README.md" : "");
}

void grade_print(const struct results *r, const struct tasks *t, const char *next_lab, bool verbose)
{
	bool full = true;

	for (unsigned i = 0; i < t->count; i++)
		print_task(r, t, &t->task[i], verbose, &full);
	print_last_line(r, t, next_lab);
}

void grade_print_build(const struct results *r, const struct tasks *t)
{
	char copy[sizeof(((struct test_result *)0)->output)], *save = NULL;
	const char *log = r->build_log ? r->build_log : "";
	const char *from = blame_first_error(log);
	int lines = 0;

	show_format(copy, sizeof(copy), "%s", from ? from : log);
	for (char *line = strtok_r(copy, "\n", &save); line && lines < BUILD_LINES;
	     line = strtok_r(NULL, "\n", &save), lines++)
		print_compiler(stdout, line);
	print_last_line(r, t, NULL);
}
