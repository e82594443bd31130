// SPDX-License-Identifier: MIT
#include "tasks.h"
#include "show.h"

#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned lab_number(const char *text)
{
	if (!strncmp(text, "labs/", 5))
		text += 5;
	return isdigit((unsigned char)*text) ? strtoul(text, NULL, 10) : 0;
}

/* Has it a VMM, and tasks? */
static bool is_vmm(const char *dir, const char *tasks)
{
	struct stat st;
	char said[2];

	lab_says(dir, "alone", "", said, sizeof(said));
	return !said[0] && !stat(tasks, &st) && st.st_size;
}

int lab_find(unsigned lab, char *dir, size_t size)
{
	int ret = -ENOENT;
	char name[PATH_MAX];
	glob_t found;

	if (glob("labs/[0-9][0-9]-*/tasks", 0, NULL, &found))
		return ret;
	for (size_t i = 0; i < found.gl_pathc; i++) { /* sorted, so the last one is the highest */
		const char *path = found.gl_pathv[i];

		show_format(name, sizeof(name), "%.*s", (int)(strlen(path) - strlen("/tasks")),
			    path);
		if (lab ? lab_number(path) != lab : !is_vmm(name, path))
			continue;
		show_format(dir, size, "%s", name);
		ret = 0;
	}
	globfree(&found);
	return ret;
}

void lab_says(const char *dir, const char *key, const char *otherwise, char *buf, size_t size)
{
	char path[PATH_MAX], line[512];
	size_t len = strlen(key);
	struct stat st;
	FILE *f;

	show_format(buf, size, "%s", otherwise);
	show_format(path, sizeof(path), "%s/about", dir);
	/* A submission's may be a pipe that nobody writes to. */
	f = stat(path, &st) || !S_ISREG(st.st_mode) ? NULL : fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		if (!strncmp(line, key, len) && line[len] == ':')
			show_format(buf, size, "%s", line + len + 1 + strspn(line + len + 1, " "));
	}
	if (f)
		fclose(f);
}

unsigned lab_first_that_says(const char *key)
{
	for (unsigned lab = 1; lab < 100; lab++) {
		char dir[PATH_MAX], said[2];

		if (lab_find(lab, dir, sizeof(dir)))
			continue;
		lab_says(dir, key, "", said, sizeof(said));
		if (said[0])
			return lab;
	}
	return 0;
}

bool lab_is_bare(unsigned lab)
{
	char dir[PATH_MAX], said[2] = "";

	if (!lab_find(lab, dir, sizeof(dir)))
		lab_says(dir, "bare", "", said, sizeof(said));
	return said[0];
}

int lab_program(unsigned lab, const char *build, char *path, size_t size)
{
	char dir[PATH_MAX], name[64];

	if (lab_find(lab, dir, sizeof(dir))) {
		show_format(path, size, "labs/%02u-*/tasks", lab);
		return -ENOENT;
	}
	lab_says(dir, "program", "vmm", name, sizeof(name));
	show_format(path, size, "%s/%s/%s", build, dir, name);
	return access(path, X_OK) ? -ENOENT : 0;
}

const char *list_item(const char *list, unsigned i, char *buf, size_t size)
{
	if (!strcmp(list, "-"))
		return NULL;
	for (; i && *list; i--) {
		list += strcspn(list, ",");
		list += *list == ',';
	}
	if (!*list)
		return NULL;
	show_format(buf, size, "%.*s", (int)strcspn(list, ","), list);
	return buf;
}

/* One line; empty and comment lines change nothing. Returns 0 or -EINVAL. */
static int parse_line(struct tasks *t, char *line)
{
	struct task *task = &t->task[t->count];
	int used = 0;

	line[strcspn(line, "\n")] = 0;
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return 0;
	if (t->count == TASKS_MAX)
		return -EINVAL;
	if (sscanf(line, "%7s %d %119s %199s %63s %n", task->id, &task->points, task->files,
		   task->functions, task->after, &used) != 5 ||
	    !used || !line[used])
		return -EINVAL;
	show_format(task->title, sizeof(task->title), "%s", line + used);
	if (lab_number(task->id) != t->lab || !strchr(task->id, '.') || task->points < 0)
		return -EINVAL;
	t->count++;
	t->points += task->points;
	return 0;
}

/* A task may only need tasks above it: that also rules out circles. */
static int check_after(const struct tasks *t, unsigned i)
{
	char id[8];

	for (unsigned k = 0; list_item(t->task[i].after, k, id, sizeof(id)); k++) {
		const struct task *other = tasks_find(t, id);

		if (!other || other >= &t->task[i])
			return -EINVAL;
	}
	return 0;
}

static int parse_file(struct tasks *t, FILE *f, const char *path, char *why, size_t size)
{
	char line[512];

	for (int number = 1; fgets(line, sizeof(line), f); number++) {
		unsigned before = t->count;
		int ret = parse_line(t, line);

		sscanf(line, "# to come: %d points", &t->to_come);
		if (!ret && t->count > before)
			ret = check_after(t, before);
		if (ret) {
			show_format(
				why, size,
				"%s:%d: not `id points files functions after title`, with known "
				"tasks under `after`",
				path, number);
			return ret;
		}
	}
	return 0;
}

int tasks_load(struct tasks *t, unsigned lab, char *why, size_t size)
{
	char path[sizeof(t->dir) + 8];
	struct stat st;
	FILE *f;
	int ret;

	memset(t, 0, sizeof(*t));
	if (lab_find(lab, t->dir, sizeof(t->dir))) {
		if (lab)
			show_format(why, size, "no lab %02u here (looked for labs/%02u-*/tasks)",
				    lab, lab);
		else
			show_format(
				why, size,
				"no lab here (looked for labs/*/tasks): not the project's root?");
		return -ENOENT;
	}
	t->lab = lab_number(t->dir);
	show_format(path, sizeof(path), "%s/tasks", t->dir);
	/* A pipe that nobody writes to would have no end. */
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		show_format(why, size, "%s: not a regular file", path);
		return -EINVAL;
	}
	f = fopen(path, "r");
	if (!f) {
		show_format(why, size, "%s: %s", path, strerror(errno));
		return -errno;
	}
	ret = parse_file(t, f, path, why, size);
	fclose(f);
	return ret;
}

const struct task *tasks_find(const struct tasks *t, const char *id)
{
	for (unsigned i = 0; i < t->count; i++)
		if (!strcmp(t->task[i].id, id))
			return &t->task[i];
	return NULL;
}

bool tasks_needs(const struct tasks *t, const char *id, const char *other)
{
	const struct task *task = tasks_find(t, id);
	char before[8];

	if (!strcmp(id, other))
		return true;
	for (unsigned i = 0; task && list_item(task->after, i, before, sizeof(before)); i++)
		if (tasks_needs(t, before, other))
			return true;
	return false;
}

char *task_place(const struct tasks *t, const struct task *task, char *buf, size_t size)
{
	char file[120], function[200];

	show_format(buf, size, "%s/%s, %s", t->dir,
		    list_item(task->files, 0, file, sizeof(file)) ? file : "README.md",
		    list_item(task->functions, 0, function, sizeof(function)) ? function : "-");
	return buf;
}

bool names_row(const char *text, int number)
{
	static const char between[] = " _,andto";

	while ((text = strstr(text, "row"))) {
		char *end;

		text += strlen("row");
		text += *text == 's';
		for (text += strspn(text, between); isdigit((unsigned char)*text);
		     text = end + strspn(end, between))
			if (strtol(text, &end, 10) == number)
				return true;
	}
	return false;
}
