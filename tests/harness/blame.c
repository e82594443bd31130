// SPDX-License-Identifier: MIT
#include "blame.h"

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "env.h"
#include "proc.h"
#include "put_file.h"
#include "show.h"

#define HANDED_OUT  ".vmmlab-starter"
#define PROBE_BYTES (1u << 20)
#define HEADER_MAX  (1u << 18)

/* A line of the log, without its newline. */
struct line {
	const char *text;
	size_t len;
};

static struct line line_at(const char *log, const char *at)
{
	struct line line;

	while (at > log && at[-1] != '\n')
		at--;
	line.text = at;
	line.len = strcspn(at, "\n");
	return line;
}

static bool holds(struct line line, const char *word)
{
	return memmem(line.text, line.len, word, strlen(word));
}

const char *blame_first_error(const char *log)
{
	static const char *const words[] = { "error:", "error,", "undefined reference",
					     "multiple definition", "make: ***" };
	const char *first = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = strstr(log, words[i]);

		if (at && (!first || at < first))
			first = at;
	}
	return first ? line_at(log, first).text : NULL;
}

/* --- the machine --- */

/* A megabyte must fit where things are built: some tools die of a full disk without a word. */
static bool disk_is_full(void)
{
	static char bytes[PROBE_BYTES];
	char path[4200];
	int ret;

	show_format(path, sizeof(path), "%s/room", env_build_dir());
	ret = put_file(path, bytes, sizeof(bytes));
	remove(path);
	return ret != 0;
}

/* Does a tool speak of the machine? What it quotes of the source could say anything: "12 | ...". */
static bool is_of_machine(struct line line)
{
	static const char *const ailments[] = { "No space left on device", "Disk quota exceeded",
						"Read-only file system", "Input/output error",
						"] Error 127" };

	static const char *const quotes[] = { "#error", "#warning", "static assertion failed",
					      " | ", "note: " };

	for (size_t i = 0; i < ARRAY_SIZE(quotes); i++)
		if (holds(line, quotes[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(ailments); i++)
		if (holds(line, ailments[i]))
			return true;
	return holds(line, "Permission denied") &&
	       (holds(line, "can't create") || holds(line, "cannot open output file") ||
		holds(line, "mkdir:"));
}

static bool machine_is_ill(const char *log)
{
	while (*log) {
		struct line line = line_at(log, log);

		if (is_of_machine(line))
			return true;
		log += line.len + (log[line.len] == '\n');
	}
	return disk_is_full();
}

/* --- what was handed out --- */

struct changes {
	bool known; /* there is a list */
	bool tests, headers;
};

static void note(struct changes *c, const char *path)
{
	if (strncmp(path, "labs/", 5) != 0)
		c->tests = true;
	else if (strstr(path, ".h"))
		c->headers = true;
}

/* A header that was not handed out may stand before another, even before one of the system. */
static void find_new_headers(struct changes *c, const char *list)
{
	glob_t found;

	if (glob("labs/*/*.h", 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!strstr(list, found.gl_pathv[i]))
			c->headers = true;
	globfree(&found);
}

static char *read_text(const char *path)
{
	char *text = calloc(1, HEADER_MAX);
	struct stat st;
	FILE *f;

	/* It may be a pipe that nobody writes to. */
	f = !stat(path, &st) && S_ISREG(st.st_mode) ? fopen(path, "re") : NULL;
	if (text && f && fread(text, 1, HEADER_MAX - 1, f) == 0)
		text[0] = 0;
	if (f)
		fclose(f);
	return text;
}

static struct changes find_changes(void)
{
	char *argv[] = { "sha256sum", "--check", "--quiet", HANDED_OUT, NULL };
	char *env[] = { "LC_ALL=C", NULL };
	struct proc_opts opts = { .limit = 60, .extra_env = env };
	struct changes c = { 0 };
	char *list = read_text(HANDED_OUT), *save = NULL;
	struct proc_result p;

	if (list && list[0] && proc_run(argv, &opts, &p) == 0) {
		c.known = !p.timed_out;
		find_new_headers(&c, list);
		for (char *line = strtok_r(p.out, "\n", &save); line;
		     line = strtok_r(NULL, "\n", &save))
			if (strstr(line, ": FAILED"))
				note(&c, line);
		proc_free(&p);
	}
	free(list);
	return c;
}

/* --- the tests --- */

/* The name between the last two quotes of a linker's line: undefined reference to `NAME'. */
static bool missing_name(struct line line, char *name, size_t size)
{
	const char *end = memrchr(line.text, '\'', line.len), *begin;

	begin = end ? memrchr(line.text, '`', end - line.text) : NULL;
	if (begin)
		show_format(name, size, "%.*s", (int)(end - begin - 1), begin + 1);
	return begin && name[0];
}

static bool is_word_in(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || !(isalnum((unsigned char)p[-1]) || p[-1] == '_')) &&
		    !(isalnum((unsigned char)p[len]) || p[len] == '_'))
			return true;
	return false;
}

static bool is_declared_in_labs(const char *name)
{
	bool found = false;
	glob_t headers;

	if (glob("labs/*/*.h", 0, NULL, &headers))
		return false;
	for (size_t i = 0; i < headers.gl_pathc && !found; i++) {
		char *text = read_text(headers.gl_pathv[i]);

		found = text && is_word_in(text, name);
		free(text);
	}
	globfree(&headers);
	return found;
}

/* Does the first error, or what leads to it and what explains it, name a file in labs/? */
static bool names_labs(const char *log, const char *error)
{
	struct line before, line = line_at(log, error);
	const char *after;

	if (holds(line, "labs/"))
		return true;
	while (error > log) { /* "In file included from", "In function" */
		before = line_at(log, error - 1);
		if (!holds(before, "In f") && !holds(before, "   from "))
			break;
		if (holds(before, "labs/"))
			return true;
		error = before.text;
	}
	for (after = line.text + line.len; *after; after = line.text + line.len) {
		line = line_at(log, ++after);
		if (holds(line, "error:") || holds(line, "make: ***"))
			return false;
		if (holds(line, "note: ") && holds(line, "labs/"))
			return true;
	}
	return false;
}

static bool is_students(const char *log)
{
	const char *error = blame_first_error(log);
	struct line line = error ? line_at(log, error) : (struct line){ "", 0 };
	struct changes c = find_changes();
	char name[200];

	if (!error)
		return false;
	if (holds(line, "undefined reference") || holds(line, "multiple definition"))
		return (c.known && !c.tests) || names_labs(log, error) ||
		       (missing_name(line, name, sizeof(name)) && is_declared_in_labs(name));
	if (c.known && c.tests != c.headers)
		return c.headers;
	if (c.known && !c.tests)
		return false; /* all as it was handed out: another compiler, perhaps */
	return names_labs(log, error);
}

enum results_status blame(const char *log, bool tests)
{
	if (machine_is_ill(log))
		return R_ENVIRONMENT;
	return !tests || is_students(log) ? R_NOT_GRADABLE : R_GRADER_ERROR;
}
