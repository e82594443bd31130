// SPDX-License-Identifier: MIT
/*
 * ties: labs/NN/tasks names what belongs together; this tells what is missing, a line a problem.
 * For each task: the functions with their marks, the section of the task sheet, three hints, the
 * book's label, and tests whose points add up; for each row of a sheet's table one with points.
 * Each function() of a text or a comment is there, and each test that tests/labNN/NAME-musts or the
 * header of a mutant names.
 */
#include <ctype.h>
#include <glob.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "hints.h"
#include "show.h"
#include "tasks.h"
#include "tied/tied.h"

#define LAB_POINTS  100
#define UNIT_POINTS 40 /* at most: code in the same process can forge a result */

/* --- the code --- */

/* Looks for the definition of a function, and for the task's mark in its body. */
struct function {
	const char *name, *task;
	bool defined, inside, marked;
};

/* The name that ends before the parenthesis at open: its length. */
static size_t name_before(const char *line, const char *open)
{
	const char *from = open;

	while (from > line && (isalnum((unsigned char)from[-1]) || from[-1] == '_'))
		from--;
	return (size_t)(open - from);
}

static void find_function(void *arg, const char *path, int number, char *line)
{
	struct function *f = arg;
	const char *at = strstr(line, f->name);
	size_t len = strlen(f->name);
	char mark[40];

	if (f->inside) {
		show_format(mark, sizeof(mark), "/* TASK %s */", f->task);
		if (strstr(line, mark))
			f->marked = true;
		f->inside = line[0] != '}';
	} else if (at && isalpha((unsigned char)line[0]) && line[strlen(line) - 1] != ';' &&
		   at[len] == '(' && name_before(line, at + len) == len) {
		f->defined = f->inside = true;
	}
}

static void check_functions(const struct tasks *t, const struct task *task)
{
	char pattern[500], name[200];

	if (strchr(task->files, ','))
		show_format(pattern, sizeof(pattern), "%s/{%s}", t->dir, task->files);
	else
		show_format(pattern, sizeof(pattern), "%s/%s", t->dir, task->files);
	for (unsigned i = 0; list_item(task->functions, i, name, sizeof(name)); i++) {
		struct function f = { .name = name, .task = task->id };

		each_line(pattern, find_function, &f);
		if (!f.defined)
			problem("%s: no function %s in %s", task->id, name, pattern);
		else if (!f.marked)
			problem("%s: %s has no /* TASK %s */ in its body", task->id, name,
				task->id);
	}
	for (unsigned i = 0; list_item(task->files, i, name, sizeof(name)); i++) {
		show_format(pattern, sizeof(pattern), "%s/%s", t->dir, name);
		if (access(pattern, R_OK))
			problem("%s: no file %s", task->id, pattern);
	}
}

/* Each mark is a comment line and `#if SOL >= 207` alone on the next, for a task that lists the
 * file. */
struct marks {
	const struct tasks *tasks;
	char task[8]; /* of the mark in the line before; empty: none */
};

static void check_mark(void *arg, const char *path, int number, char *line)
{
	struct marks *m = arg;
	const char *text = line + strspn(line, " \t");
	char before[8], want[40];
	const struct task *task;

	show_format(before, sizeof(before), "%s", m->task);
	m->task[0] = 0;
	if (sscanf(text, "/* TASK %7[0-9.] */", m->task) == 1) {
		task = tasks_find(m->tasks, m->task);
		if (!task)
			problem("%s:%d: no task %s in %s/tasks", path, number, m->task,
				m->tasks->dir);
		else if (!is_listed(task->files, basename(path)))
			problem("%s:%d: task %s does not list this file", path, number, m->task);
	} else if (before[0] || !strncmp(line, "#if SOL", 7)) {
		show_format(want, sizeof(want), "#if SOL >= %u%02d", m->tasks->lab,
			    atoi(before[0] ? strchr(before, '.') + 1 : "0"));
		if (!before[0])
			problem("%s:%d: #if SOL without a line /* TASK ... */ before it", path,
				number);
		else if (strcmp(line, want) != 0)
			problem("%s:%d: not `%s` alone on the line", path, number, want);
	}
}

/* --- the texts --- */

struct search {
	char text[300];
	bool found, whole_line;
};

static void find_text(void *arg, const char *path, int number, char *line)
{
	struct search *s = arg;

	if (s->whole_line ? !strcmp(line, s->text) : strstr(line, s->text) != NULL)
		s->found = true;
}

static void check_texts(const struct tasks *t, const struct task *task)
{
	struct search sheet = { .whole_line = true }, label = { .whole_line = true };
	char pattern[300];
	struct hints h;

	show_format(pattern, sizeof(pattern), "%s/README.md", t->dir);
	show_format(sheet.text, sizeof(sheet.text), "## %s %s", task->id, task->title);
	if (!each_line(pattern, find_text, &sheet))
		problem("%s: no %s", task->id, pattern);
	else if (!sheet.found)
		problem("%s: %s lacks the line `%s`", task->id, pattern, sheet.text);

	if (hints_read(&h, t->dir, task->id))
		problem("%s: no %s", task->id, h.path);
	else if (h.count != HINT_LEVELS)
		problem("%s: %s has %u parts, not 3", task->id, h.path, h.count);
	hints_free(&h);

	show_format(label.text, sizeof(label.text), "(task-%s)=", task->id);
	if (each_line("book/*.md", find_text, &label) && !label.found)
		problem("%s: no label %s in book/*.md", task->id, label.text);
}

/* --- the tests --- */

struct test_points {
	struct tasks *tasks;
	bool unit; /* the files under way */
	int points[TASKS_MAX], tests[TASKS_MAX], unit_points;
};

/* TEST("2.6", name, 6) or TEST_KVM(...); anything else on a line is not one */
static void count_test(void *arg, const char *path, int number, char *line)
{
	struct test_points *p = arg;
	const char *open = !strncmp(line, "TEST", 4) ? strchr(line, '(') : NULL;
	const struct task *task;
	char id[8];
	int points;

	if (!open || sscanf(open, "(\"%7[^\"]\", %*[a-zA-Z0-9_], %d", id, &points) != 2 ||
	    !strcmp(id, "-"))
		return;
	task = tasks_find(p->tasks, id);
	if (!task) {
		problem("%s:%d: no task %s", path, number, id);
		return;
	}
	p->points[task - p->tasks->task] += points;
	p->tests[task - p->tasks->task]++;
	if (p->unit)
		p->unit_points += points;
}

static void check_tests(struct tasks *t)
{
	struct test_points p = { .tasks = t };
	char pattern[100];

	show_format(pattern, sizeof(pattern), "tests/lab%02u/blackbox_*.c", t->lab);
	each_line(pattern, count_test, &p);
	p.unit = true;
	show_format(pattern, sizeof(pattern), "tests/lab%02u/unit_*.c", t->lab);
	each_line(pattern, count_test, &p);
	for (unsigned i = 0; i < t->count; i++) {
		if (!p.tests[i])
			problem("%s: no test in tests/lab%02u", t->task[i].id, t->lab);
		else if (p.points[i] != t->task[i].points)
			problem("%s: its tests give %d points, not %d", t->task[i].id, p.points[i],
				t->task[i].points);
	}
	if (p.unit_points > UNIT_POINTS)
		problem("%s: unit tests give %d points, more than %d", t->dir, p.unit_points,
			UNIT_POINTS);
	if (t->count && t->points + t->to_come != LAB_POINTS)
		problem("%s: the points add up to %d, not %d", t->dir, t->points + t->to_come,
			LAB_POINTS);
}

/* The points that a sheet shows: `Task 5.2: 8/8`, or `TODO 5.2 its title  0/8`. */
static void check_points(void *arg, const char *path, int number, char *line)
{
	const struct tasks *t = arg;
	const struct task *task;
	char id[8];
	int points;

	if (sscanf(line, "Task %7[0-9.]: %*d/%d", id, &points) != 2) {
		char *at = strstr(line, "TODO ");

		if (!at || sscanf(at, "TODO %7[0-9.] %*[^/`]/%d", id, &points) != 2)
			return;
	}
	task = tasks_find(t, id);
	if (!task || task->points != points)
		problem("%s:%d: task %s does not have %d points", path, number, id, points);
}

/* --- rows: | 20 | what somebody does | what is right | 5.2, 5.6 | --- */

/* Looks for a test of that task, with points, that names the row. */
struct row {
	int number;
	const char *task;
	bool inside, found; /* in such a test's body */
};

static void find_row(void *arg, const char *path, int number, char *line)
{
	struct row *row = arg;
	char id[8];
	int points;

	if (sscanf(line, "TEST%*[^\"]\"%7[^\"]\", %*[a-zA-Z0-9_], %d", id, &points) == 2)
		row->inside = points > 0 && !strcmp(id, row->task);
	row->inside &= line[0] != '}';
	row->found |= row->inside && names_row(line, row->number);
}

static void check_row(void *arg, const char *path, int number, char *line)
{
	struct row row = { 0 };

	if (sscanf(line, "| %d |", &row.number) != 1)
		return;
	line[strlen(line) - 1] = 0;
	for (char *id = strtok(strrchr(line, '|'), "|, "); id; id = strtok(NULL, "|, ")) {
		row = (struct row){ .number = row.number, .task = id };
		each_line("tests/lab*/{unit,blackbox}_*.c", find_row, &row);
		if (!row.found)
			problem("%s:%d: no points for row %d in %s", path, number, row.number, id);
	}
}

static void check_lab(unsigned lab)
{
	static struct tasks tasks;
	struct marks marks = { .tasks = &tasks };
	char why[300], pattern[300];

	if (tasks_load(&tasks, lab, why, sizeof(why))) {
		problem("%s", why);
		return;
	}
	for (unsigned i = 0; i < tasks.count; i++) {
		check_functions(&tasks, &tasks.task[i]);
		check_texts(&tasks, &tasks.task[i]);
	}
	show_format(pattern, sizeof(pattern), "%s/*.[ch]", tasks.dir);
	each_line(pattern, check_mark, &marks);
	show_format(pattern, sizeof(pattern), "%s/README.md", tasks.dir);
	each_line(pattern, check_points, &tasks);
	each_line(pattern, check_row, NULL);
	check_tests(&tasks);
}

/* --- names --- */

/* Of libc, of Linux and of QEMU, and not called anywhere here with an argument. */
static const char *const elsewhere[] = { "adjust_vmx_controls",	  "fork",  "getpid", "helper_vmrun",
					 "mmu_notifier_register", "pause", "setsid" };

/* Every name( that is not name(): a definition, a prototype or a call. */
static void learn_names(void *arg, const char *path, int number, char *line)
{
	void **known = arg;

	for (char *open = line; (open = strchr(open, '(')); open++) {
		size_t len = name_before(line, open);
		char *name = len && open[1] != ')' ? strndup(open - len, len) : NULL;

		if (name && *(char **)tsearch(name, known, by_name) != name)
			free(name);
	}
}

/* Is this place in a line of C in a comment? */
static bool in_comment(const char *line, const char *at)
{
	const char *begin = strstr(line, "/*"), *end = begin ? strstr(begin, "*/") : NULL;

	return !strncmp(line + strspn(line, " \t"), "* ", 2) ||
	       (begin && begin < at && !(end && end < at));
}

static void check_names(void *arg, const char *path, int number, char *line)
{
	bool is_c = strcmp(path + strlen(path) - 3, ".md") != 0;
	char name[100];

	for (char *open = line; (open = strstr(open, "()")); open++) {
		size_t len = name_before(line, open);

		show_format(name, sizeof(name), "%.*s", (int)len, open - len);
		if (len && (!is_c || in_comment(line, open)) && !tfind(name, arg, by_name))
			problem("%s:%d: there is no %s()", path, number, name);
	}
}

static void check_all_names(void)
{
	static void *known;

	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		tsearch(elsewhere[i], &known, by_name);
	each_line("{labs/*,common,tests/*,tools,tools/*,tools/*/*}/*.[ch]", learn_names, &known);
	each_line("{labs/*/README,labs/*/hints/*,book/*}.md", check_names, &known);
	each_line("{labs/*,common,tests/harness,tests/lib}/*.[ch]", check_names, &known);
}

int main(int argc, char **argv)
{
	glob_t found;

	if (argc > 1) {
		fputs("usage: ties\n", stderr);
		return 64;
	}
	if (glob("labs/[0-9][0-9]-*/tasks", 0, NULL, &found)) {
		fputs("ties: no labs/*/tasks here\n", stderr);
		return 1;
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		check_lab(lab_number(found.gl_pathv[i]));
		check_mutants(lab_number(found.gl_pathv[i]));
	}
	globfree(&found);
	check_all_names();
	check_musts();
	return problems() ? 1 : 0;
}
