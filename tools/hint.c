// SPDX-License-Identifier: MIT
/*
 * hint: one hint more for a task each time it is asked. How far a student has got is kept outside
 * the tree, in $XDG_STATE_HOME/vmmlab/hints, for each tree apart: lines of `level task directory`.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hints.h"
#include "said.h"
#include "show.h"
#include "tasks.h"

static const char usage[] = "usage: hint --task=2.6 [--level=N] [--all]\n";

static const struct option options[] = {
	{ "task", required_argument, NULL, 't' },
	{ "level", required_argument, NULL, 'l' },
	{ "all", no_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

enum { HINT_SHOWN, HINT_FAILED, HINT_USAGE = 64 };

static int fail_hint(const char *what, const char *why)
{
	fprintf(stderr, "hint: %s%s%s\n", what, why ? ": " : "", why ? why : "");
	return HINT_FAILED;
}

/* The state file's path, its directories made. Returns 0 or a negative errno. */
static int state_path(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state)
		show_format(path, size, "%s", state);
	else if (home && *home)
		show_format(path, size, "%s/.local/state", home);
	else
		return -ENOENT;
	show_append(path, size, "/vmmlab/hints");
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(path, 0777); /* an error shows when the file is opened */
		*p = '/';
	}
	return 0;
}

/* Is this line of the state file about the task in the tree? Then its level, else -1. */
static int level_in(const char *line, const char *task, const char *tree)
{
	char seen[16];
	int level, used = 0;

	if (sscanf(line, "%d %15s %n", &level, seen, &used) != 2 || !used)
		return -1;
	return !strcmp(seen, task) && !strcmp(line + used, tree) ? level : -1;
}

/* The level shown last, 0 for none. */
static int read_level(const char *path, const char *task, const char *tree)
{
	char line[PATH_MAX + 32];
	FILE *f = fopen(path, "r");
	int level = 0;

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (level_in(line, task, tree) > 0)
			level = level_in(line, task, tree);
	}
	if (f)
		fclose(f);
	return level;
}

/* Replace the line of this task and tree. Returns 0 or a negative errno. */
static int write_level(const char *path, const char *task, const char *tree, int level)
{
	char line[PATH_MAX + 32], tmp[PATH_MAX + 16];
	FILE *old = fopen(path, "r"), *f;

	show_format(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	f = fopen(tmp, "w");
	while (f && old && fgets(line, sizeof(line), old)) {
		line[strcspn(line, "\n")] = 0;
		if (level_in(line, task, tree) < 0)
			fprintf(f, "%s\n", line);
	}
	if (old)
		fclose(old);
	if (!f)
		return -errno;
	fprintf(f, "%d %s %s\n", level, task, tree);
	return fclose(f) || rename(tmp, path) ? -errno : 0;
}

static void print_hint(const struct hints *h, const struct task *task, int level)
{
	printf("Hint %d of %d for task %s, %s:\n\n%s\n", level, HINT_LEVELS, task->id, task->title,
	       h->part[level - 1]);
}

/* The next level, or all of them when there is none; remembers how far it got. */
static void next_hint(const struct hints *h, const struct task *task)
{
	char path[PATH_MAX], tree[PATH_MAX];
	int level, err = state_path(path, sizeof(path));

	if (!getcwd(tree, sizeof(tree)))
		strcpy(tree, ".");
	level = err ? 0 : read_level(path, task->id, tree);
	if (level >= HINT_LEVELS) {
		for (int i = 1; i <= HINT_LEVELS; i++)
			print_hint(h, task, i);
		printf("These are all the hints there are. The book's section %s tells the whole "
		       "story.\n",
		       task->id);
		return;
	}
	print_hint(h, task, level + 1);
	if (level + 1 < HINT_LEVELS)
		printf("Another one: ./lab hint T=%s\n", task->id);
	else
		printf("That was the last one. To read all three again: ./lab hint T=%s\n",
		       task->id);
	if (!err)
		err = write_level(path, task->id, tree, level + 1);
	if (err)
		fprintf(stderr, "hint: %s: %s; so the next hint will be this one again\n",
			err == -ENOENT ? "no place to remember it" : path, strerror(-err));
}

static int show_hints(const struct tasks *t, const char *id, int level, bool all)
{
	const struct task *task = tasks_find(t, id);
	struct hints h;
	char text[300];
	int err;

	if (!task) {
		show_format(text, sizeof(text), "no task %s in %s/tasks", id, t->dir);
		return fail_hint(text, NULL);
	}
	err = hints_read(&h, t->dir, id);
	if (err)
		return fail_hint(h.path, strerror(-err));
	if (h.count != HINT_LEVELS) {
		hints_free(&h);
		return fail_hint(h.path, "not three hints split by lines of ---");
	}
	if (level)
		print_hint(&h, task, level);
	else if (!all)
		next_hint(&h, task);
	for (int i = 1; all && i <= HINT_LEVELS; i++)
		print_hint(&h, task, i);
	hints_free(&h);
	return 0;
}

int main(int argc, char **argv)
{
	const char *id = NULL;
	struct tasks tasks;
	bool all = false;
	char why[300];
	int level = 0, c;

	said_or_fail("hint");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 't') {
			id = optarg;
		} else if (c == 'l') {
			level = atoi(optarg);
			if (level < 1 || level > HINT_LEVELS) {
				fail_hint("--level", "1, 2 or 3");
				return HINT_USAGE;
			}
		} else if (c == 'a') {
			all = true;
		} else {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? HINT_SHOWN : HINT_USAGE;
		}
	}
	if (optind < argc || !id || !lab_number(id)) {
		fputs(usage, stderr);
		return HINT_USAGE;
	}
	if (tasks_load(&tasks, lab_number(id), why, sizeof(why)))
		return fail_hint(why, NULL);
	return show_hints(&tasks, id, level, all);
}
