// SPDX-License-Identifier: MIT
#include "grading.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "env.h"
#include "put_file.h"
#include "show.h"

#define BUILD_LOG_MAX 65536

static int usage_error(const char *program, const char *why)
{
	fprintf(stderr, "%s: %s\n", program, why);
	return GRADE_USAGE;
}

static int cannot_write(const char *program, const char *path, int err)
{
	fprintf(stderr, "%s: %s: %s\n", program, path, strerror(-err));
	return GRADE_ENVIRONMENT;
}

/* A directory would only be found to be one at the end. */
static bool is_directory(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISDIR(st.st_mode);
}

static void choose_results(struct grading *g)
{
	static char path[PATH_MAX];

	if (!g->results_path) {
		show_format(path, sizeof(path), "%s/results", env_build_dir());
		mkdir(path, 0777);
		show_append(path, sizeof(path), "/lab%02u%s%s.json", g->tasks.lab,
			    g->task ? "-" : "", g->task ? g->task : "");
	}
	g->results.path = g->results_path ? g->results_path : path;
}

int grading_choose(struct grading *g, const char *program)
{
	unsigned lab = lab_number(g->lab ? g->lab : g->task ? g->task : "");
	const struct task *task;
	char why[PATH_MAX + 40];

	if ((g->lab || g->task) && !lab)
		return usage_error(program, "--lab=02 and --task=2.5 want numbers");
	if (tasks_load(&g->tasks, lab, why, sizeof(why)))
		return usage_error(program, why);
	task = g->task ? tasks_find(&g->tasks, g->task) : NULL;
	if (g->task && !task) {
		show_format(why, sizeof(why), "no task %s in %s/tasks", g->task, g->tasks.dir);
		return usage_error(program, why);
	}
	if (is_directory(g->results_path) || is_directory(g->junit)) {
		show_format(why, sizeof(why), "%s: a directory, no file for results",
			    is_directory(g->junit) ? g->junit : g->results_path);
		return usage_error(program, why);
	}
	g->results.task = g->task;
	g->results.max_score = task ? task->points : g->tasks.points;
	g->results.engine = env_engine();
	show_format(g->results.lab, sizeof(g->results.lab), "%s", g->tasks.dir + strlen("labs/"));
	choose_results(g);
	return 0;
}

/* Both files; what is told a thing only once is told the last one. */
static int write_files(struct grading *g, const char *program, bool last)
{
	const char *path = g->results.path;
	int ret = 0;

	if (last || !put_file_is_stream(path))
		ret = results_write(&g->results);
	if (!ret && g->junit && (last || !put_file_is_stream(g->junit))) {
		path = g->junit;
		ret = results_write_junit(&g->results, path);
	}
	return ret ? cannot_write(program, path, ret) : 0;
}

char *grading_read_log(const char *path)
{
	char *log = calloc(1, BUILD_LOG_MAX + 1);
	FILE *f = path ? fopen(path, "r") : NULL;

	if (!f || !log) {
		free(log);
		log = NULL;
	} else if (fread(log, 1, BUILD_LOG_MAX, f) == 0) {
		log[0] = 0;
	}
	if (f)
		fclose(f);
	return log;
}

static int worth(const struct results *plan, const char *task)
{
	int points = 0;

	for (size_t i = 0; i < plan->ntests; i++)
		if (!strcmp(plan->tests[i].task, task))
			points += plan->tests[i].max_score;
	return points;
}

int grading_check_points(const struct grading *g, const struct results plan[2], char *why,
			 size_t size)
{
	for (unsigned i = 0; i < g->tasks.count; i++) {
		const struct task *task = &g->tasks.task[i];
		int points = worth(&plan[0], task->id) + worth(&plan[1], task->id);

		if (points <= task->points)
			continue;
		show_format(why, size,
			    "the tests of task %s are worth %d points, but in %s/tasks it has %d",
			    task->id, points, g->tasks.dir, task->points);
		return -EINVAL;
	}
	return 0;
}

int grading_begin(struct grading *g, const char *program)
{
	show_format(g->results.message, sizeof(g->results.message), "the grader did not finish");
	g->results.status = R_GRADER_ERROR;
	return write_files(g, program, false);
}

int grading_over(struct grading *g, const char *program, int ret)
{
	char *message = g->results.message;

	if (ret < 128)
		return ret;
	show_format(message, sizeof(g->results.message),
		    "the grader did not finish: it was killed by SIG%s", sigabbrev_np(ret - 128));
	fprintf(stderr, "%s: not graded: %s\n", program, message);
	return grading_end(g, program, R_GRADER_ERROR);
}

int grading_end(struct grading *g, const char *program, enum results_status status)
{
	static const int exits[] = {
		[R_PASS] = GRADE_FULL,
		[R_FAIL] = GRADE_MISSING,
		[R_NOT_GRADABLE] = GRADE_NOT_GRADABLE,
		[R_ENVIRONMENT] = GRADE_ENVIRONMENT,
		[R_GRADER_ERROR] = GRADE_FAULT,
	};
	int ret;

	g->results.status = status;
	ret = write_files(g, program, true);
	return ret ? ret : exits[status];
}
