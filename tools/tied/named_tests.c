// SPDX-License-Identifier: MIT
/* Tests that a table or a patch names: are they there? */
#include "tied.h"

#include <glob.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env.h"
#include "show.h"
#include "tasks.h"

static void learn(void **known, const char *name)
{
	if (!tfind(name, known, by_name))
		tsearch(strdup(name), known, by_name);
}

static void learn_test(void *arg, const char *path, int number, char *line)
{
	char name[100];

	if (sscanf(line, "TEST%*[^\"]\"%*[^\"]\", %99[a-zA-Z0-9_]", name) == 1)
		learn(arg, name);
}

/* SECTION | what, in our words | tests, with commas; or - and the reason why there is none */
static void check_must(void *arg, const char *path, int number, char *line)
{
	char *what = strstr(line, " | "), *held = what ? strstr(what + 3, " | ") : NULL;
	char name[100];

	if (!*line || *line == '#')
		return;
	if (!held || strstr(held + 3, " | ") || what == line ||
	    strspn(line, "0123456789.") != (size_t)(what - line)) {
		problem("%s:%d: not `section | what | tests, or - and a reason`", path, number);
		return;
	}
	held += 3;
	if (!*held || !strcmp(held, "-"))
		problem("%s:%d: no test and no reason", path, number);
	if (*held == '-')
		return;
	for (unsigned i = 0; list_item(held, i, name, sizeof(name)); i++)
		if (!tfind(name + strspn(name, " "), arg, by_name))
			problem("%s:%d: there is no test %s", path, number,
				name + strspn(name, " "));
}

void check_musts(void)
{
	void *known = NULL;

	each_line("tests/lab*/{unit,blackbox}_*.c", learn_test, &known);
	each_line("tests/lab*/*-musts", check_must, &known);
	tdestroy(known, free);
}

/* --- mutants --- */

/* As it is looked for: "3.2 name" with a task, "- name" without one. */
static void learn_test_of_task(void *arg, const char *path, int number, char *line)
{
	char task[8], name[100], key[120];

	if (sscanf(line, "TEST%*[^\"]\"%7[^\"]\", %99[a-zA-Z0-9_]", task, name) != 2)
		return;
	show_format(key, sizeof(key), "%s %s", strcmp(task, "-") ? "task" : "-", name);
	learn(arg, key);
}

/* Of one patch: the lines before it. */
struct header {
	void *const *tests;
	char task[16];
	unsigned killers;
};

/* `# killed by: a_test, another-one`, or `# killed slowly by: ...`, `# killed by a CPU: ...` */
static void check_header(void *arg, const char *path, int number, char *line)
{
	struct header *h = arg;
	char name[100], key[120];
	const char *names = strstr(line, ": ");

	if (line[0] != '#')
		return;
	sscanf(line, "# task: %15s", h->task);
	if (strncmp(line, "# killed ", strlen("# killed ")) != 0 || !names)
		return;
	h->killers += !strncmp(line, "# killed by: ", strlen("# killed by: "));
	for (unsigned i = 0; list_item(names + 2, i, name, sizeof(name)); i++) {
		const char *test = name + strspn(name, " ");

		show_format(key, sizeof(key), "%s %s", strcmp(h->task, "-") ? "task" : "-", test);
		for (char *c = key + 2; *c; c++)
			if (*c == '-')
				*c = '_';
		if (!tfind(key, h->tests, by_name))
			problem("%s:%d: there is no test %s %s in that lab", path, number, test,
				strcmp(h->task, "-") ? "of a task" : "without a task");
	}
}

void check_mutants(unsigned lab)
{
	void *tests = NULL;
	char pattern[100];
	glob_t found = { .gl_pathc = 0 };

	show_format(pattern, sizeof(pattern), "tests/lab%02u/{unit,blackbox}_*.c", lab);
	each_line(pattern, learn_test_of_task, &tests);
	if (lab_first_that_says("confined") == lab)
		each_line("tests/adversarial/escape/blackbox_*.c", learn_test_of_task, &tests);
	show_format(pattern, sizeof(pattern), "tests/mutants/%02u/*.patch", lab);
	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct header h = { .tests = &tests };

		each_line(found.gl_pathv[i], check_header, &h);
		if (!h.task[0] || !h.killers)
			problem("%s: its header does not say `# task:` and `# killed by:`",
				found.gl_pathv[i]);
	}
	globfree(&found);
	tdestroy(tests, free);
}
