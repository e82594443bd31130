// SPDX-License-Identifier: MIT
/*
 * A GitHub workflow: the part of YAML that ours is written in (mappings, lists, texts behind |),
 * and what GitHub's documentation asks of it. No value that comes from outside may stand in a
 * `run`: the shell would read it. https://docs.github.com/en/actions/reference/security/secure-use
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "rules.h"
#include "show.h"

#define DEPTH_MAX 12
#define LINE_LEN  400

static const char top_keys[] = "name run-name on permissions env defaults concurrency jobs";
static const char job_keys[] =
	"name needs permissions if runs-on environment concurrency outputs env "
	"defaults steps timeout-minutes strategy continue-on-error container "
	"services uses with secrets";
static const char step_keys[] =
	"id if name uses run working-directory shell with env continue-on-error timeout-minutes";

/* Where we are: the keys from the top down, `-` for an item of a list. */
struct place {
	struct level {
		int indent;
		char key[80];
	} level[DEPTH_MAX];
	int depth;
};

struct workflow {
	char *why;
	size_t size;
	int err, line;
	struct place at;
	int text_below; /* a text goes on in lines with a larger indent than this; -1: none */
	bool has_on, has_jobs;
	bool in_job, job_runs, job_has_steps;
	bool in_step, step_does; /* this step has its uses or run */
};

static void wrong(struct workflow *w, const char *what)
{
	if (w->err)
		return;
	w->err = -EINVAL;
	show_format(w->why, w->size, "line %d: %s", w->line, what);
}

static void step_ends(struct workflow *w)
{
	if (w->in_step && !w->step_does)
		wrong(w, "a step before this has neither uses nor run");
	w->in_step = w->step_does = false;
}

static void job_ends(struct workflow *w)
{
	step_ends(w);
	if (w->in_job && (!w->job_runs || !w->job_has_steps))
		wrong(w, "a job before this has no runs-on, or no steps");
	w->in_job = w->job_runs = w->job_has_steps = false;
}

static const char *key_at(const struct workflow *w, int depth)
{
	return depth < w->at.depth ? w->at.level[depth].key : "";
}

static bool is_name(const char *text)
{
	return (isalpha((unsigned char)text[0]) || text[0] == '_') &&
	       text[strspn(text,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] ==
		       0;
}

static void step_key(struct workflow *w, const char *key, const char *value)
{
	if (!is_listed(step_keys, key))
		wrong(w, "a step has no such key");
	if (strcmp(key, "uses") != 0 && strcmp(key, "run") != 0)
		return;
	if (w->step_does)
		wrong(w, "a step has uses or run, and one of them");
	w->step_does = true;
	if (!strcmp(key, "uses") && (!strchr(value, '/') || !strchr(value, '@')))
		wrong(w, "uses names an action as owner/name@version");
	if (!strcmp(key, "run") && strstr(value, "${{"))
		wrong(w, "run takes nothing by ${{ }}, but by env");
}

/* The last key of the place was just read, with its value ("" for what has more below it). */
static void key_read(struct workflow *w, const char *value)
{
	int depth = w->at.depth;
	const char *key = key_at(w, depth - 1);

	if (depth == 1) {
		job_ends(w);
		w->has_on |= !strcmp(key, "on");
		w->has_jobs |= !strcmp(key, "jobs");
		if (!is_listed(top_keys, key))
			wrong(w, "a workflow has no such key");
	}
	if (strcmp(key_at(w, 0), "jobs") != 0)
		return;
	if (depth == 2) {
		job_ends(w);
		w->in_job = true;
		if (!is_name(key))
			wrong(w, "a job's name has letters, digits, - and _");
	} else if (depth == 3) {
		step_ends(w);
		w->job_runs |= !strcmp(key, "runs-on");
		w->job_has_steps |= !strcmp(key, "steps");
		if (!is_listed(job_keys, key))
			wrong(w, "a job has no such key");
	} else if (!strcmp(key_at(w, 2), "steps") && depth == 5) {
		step_key(w, key, value);
	}
}

static void push(struct workflow *w, int indent, const char *key, size_t len)
{
	if (w->at.depth == DEPTH_MAX) {
		wrong(w, "too deep for this reader");
		return;
	}
	w->at.level[w->at.depth].indent = indent;
	show_format(w->at.level[w->at.depth++].key, sizeof(w->at.level->key), "%.*s", (int)len,
		    key);
}

static void item(struct workflow *w, int indent)
{
	push(w, indent, "-", 1);
	if (w->at.depth == 4 && !strcmp(key_at(w, 0), "jobs") && !strcmp(key_at(w, 2), "steps")) {
		step_ends(w);
		w->in_step = true;
	}
}

/* One line that is not within a text. */
static void read_line(struct workflow *w, const char *line)
{
	int indent = (int)strspn(line, " ");
	const char *text = line + indent, *colon;

	while (w->at.depth && w->at.level[w->at.depth - 1].indent >= indent)
		w->at.depth--;
	while (!strncmp(text, "- ", 2)) {
		item(w, indent);
		text += 2;
		indent += 2;
	}
	colon = strstr(text, ": ");
	if (!colon && *text && text[strlen(text) - 1] == ':')
		colon = text + strlen(text) - 1;
	if (!colon)
		return; /* a plain item of a list */
	push(w, indent, text, colon - text);
	text = colon + 1 + strspn(colon + 1, " ");
	if (*text == '|' || *text == '>')
		w->text_below = indent;
	key_read(w, text);
}

static void text_line(struct workflow *w, const char *line)
{
	if (!strcmp(key_at(w, w->at.depth - 1), "run") && strstr(line, "${{"))
		wrong(w, "run takes nothing by ${{ }}, but by env");
}

static void next_line(struct workflow *w, const char *line)
{
	int indent = (int)strspn(line, " ");

	w->line++;
	if (strchr(line, '\t'))
		wrong(w, "a tab");
	if (!line[indent] || (line[indent] == '#' && w->text_below < 0))
		return;
	if (w->text_below >= 0 && indent > w->text_below) {
		text_line(w, line);
		return;
	}
	w->text_below = -1;
	read_line(w, line);
}

int rules_workflow(const char *text, char *why, size_t size)
{
	struct workflow w = { .why = why, .size = size, .text_below = -1 };
	char line[LINE_LEN];

	while (*text && !w.err) {
		size_t len = strcspn(text, "\n");

		if (len >= sizeof(line))
			wrong(&w, "too long for this reader");
		show_format(line, sizeof(line), "%.*s", (int)len, text);
		next_line(&w, line);
		text += len + (text[len] == '\n');
	}
	job_ends(&w);
	if (!w.has_on || !w.has_jobs)
		wrong(&w, "a workflow has on and jobs");
	return w.err;
}
