// SPDX-License-Identifier: MIT
/*
 * calls SAID TRACE: what confined VMMs and their networks call, and the lists of what they may.
 *
 * SAID is what they printed with --verbose, which has the lists. TRACE is of strace -f -A -o, and
 * of any number of runs. Status 0 if each call that was made behind a filter is on the list of its
 * process; 1 if one is not, or if none was made.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "types.h"

enum kind { VMM, NETWORK, KINDS };
static const char *const of_kind[] = { "the VMM", "the network's process" };
static const char *const said_by[] = { "vmm: sandbox: ", "vmm: net: sandbox: " };

#define TASKS_MAX 8192

struct task { /* a thread; its leader's entry speaks for the process */
	int tid, leader;
	bool confined;
	bool wanted; /* the call under way is a clone() with CLONE_THREAD, or loads a filter */
	enum kind kind;
};

struct calls {
	struct task task[TASKS_MAX];
	unsigned ntasks, filters, runs;
	json_t *listed[KINDS], *made[KINDS]; /* sets: objects whose keys are the calls */
};

/* "ioctl KVM_RUN": of these two calls each request is one of its own. All else is its name. */
static void enter(json_t *set, const char *name, const char *argument)
{
	char key[100];
	bool each = !strcmp(name, "ioctl") || !strcmp(name, "fcntl");

	snprintf(key, sizeof(key), "%s%s%s", name, each ? " " : "", each ? argument : "");
	json_object_set_new(set, key, json_true());
}

/* --- the lists: "vmm: sandbox: memory: mmap without PROT_EXEC, munmap" --- */

static void read_list(json_t *listed, char *text)
{
	char *save = NULL;

	for (char *entry = strtok_r(text, ",\n", &save); entry;
	     entry = strtok_r(NULL, ",\n", &save)) {
		char name[50] = "", argument[50] = "";

		if (sscanf(entry, " %49s %49s", name, argument) >= 1)
			enter(listed, name, argument);
	}
}

static void read_said(struct calls *c, FILE *f)
{
	char line[4096];

	while (fgets(line, sizeof(line), f))
		for (int kind = 0; kind < KINDS; kind++) {
			size_t len = strlen(said_by[kind]);
			char *family = line + len, *list;

			if (strncmp(line, said_by[kind], len) != 0 || !strncmp(family, "no ", 3))
				continue;
			list = strstr(family, ": ");
			if (list)
				read_list(c->listed[kind], list + 2);
		}
}

/* --- the trace --- */

static struct task *find(struct calls *c, int tid)
{
	for (unsigned i = c->ntasks; i > 0; i--) /* the latest: numbers come again */
		if (c->task[i - 1].tid == tid)
			return &c->task[i - 1];
	if (c->ntasks == TASKS_MAX) {
		fprintf(stderr, "calls: more than %d threads\n", TASKS_MAX);
		exit(1);
	}
	c->task[c->ntasks] = (struct task){ .tid = tid, .leader = tid };
	return &c->task[c->ntasks++];
}

/* What stands behind the last " = ". */
static long result(const char *text)
{
	const char *last = NULL;

	for (const char *p = text; (p = strstr(p, " = ")); p++)
		last = p;
	return last ? strtol(last + 3, NULL, 0) : -1;
}

static void take_result(struct calls *c, struct task *t, const char *name, const char *text)
{
	long ret = result(text);

	if ((!strncmp(name, "clone", 5) || !strcmp(name, "fork") || !strcmp(name, "vfork")) &&
	    ret > 0) {
		struct task *new = find(c, (int)ret);

		*new = (struct task){ .tid = (int)ret, .leader = t->wanted ? t->leader : (int)ret };
	} else if (!strcmp(name, "seccomp") && ret == 0 && t->wanted) {
		find(c, t->leader)->confined = true;
		c->filters++;
	}
}

/* A call begins; it may be "<unfinished ...>". */
static void take_call(struct calls *c, struct task *t, const char *name, const char *args)
{
	struct task *leader = find(c, t->leader);
	char request[60] = "";
	const char *second = strchr(args, ',');

	if (leader->confined) {
		if (second)
			sscanf(second, ", %59[A-Z0-9_]", request);
		enter(c->made[leader->kind], name, request);
	}
	if (!strcmp(name, "execve")) {
		*t = (struct task){ .tid = t->tid, .leader = t->tid };
		c->runs++;
	}
	if (!strcmp(name, "prctl") && strstr(args, "PR_SET_NAME, \"vmm-net\""))
		leader->kind = NETWORK;
	t->wanted = strstr(args, "CLONE_THREAD") || strstr(args, "SECCOMP_SET_MODE_FILTER");
	if (!strstr(args, "<unfinished ...>"))
		take_result(c, t, name, args);
}

static void read_trace(struct calls *c, FILE *f)
{
	char line[4096], name[50], *rest;

	while (fgets(line, sizeof(line), f)) {
		int tid = (int)strtol(line, &rest, 10);

		while (*rest == ' ')
			rest++;
		if (sscanf(rest, "<... %49[a-z0-9_] resumed", name) == 1)
			take_result(c, find(c, tid), name, rest);
		else if (sscanf(rest, "%49[a-z0-9_]", name) == 1 && rest[strlen(name)] == '(')
			take_call(c, find(c, tid), name, rest + strlen(name));
	}
}

/* --- the verdict --- */

static unsigned not_listed(const struct calls *c, enum kind kind)
{
	const char *call;
	json_t *value;
	unsigned bad = 0;

	json_object_foreach(c->made[kind], call, value)
	{
		if (json_object_get(c->listed[kind], call))
			continue;
		printf("not on the list of %s: %s\n", of_kind[kind], call);
		bad++;
	}
	return bad;
}

static void print_not_made(const struct calls *c, enum kind kind)
{
	const char *call, *comma = "";
	json_t *value;

	printf("on the list of %s, and not made: ", of_kind[kind]);
	json_object_foreach(c->listed[kind], call, value)
	{
		if (json_object_get(c->made[kind], call))
			continue;
		printf("%s%s", comma, call);
		comma = ", ";
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	static struct calls c;
	FILE *said = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *trace = argc == 3 ? fopen(argv[2], "r") : NULL;
	unsigned bad = 0, made[KINDS];

	if (!said || !trace) {
		fprintf(stderr, "usage: calls SAID TRACE (files)\n");
		return 2;
	}
	for (int kind = 0; kind < KINDS; kind++) {
		c.listed[kind] = json_object();
		c.made[kind] = json_object();
	}
	read_said(&c, said);
	read_trace(&c, trace);
	for (int kind = 0; kind < KINDS; kind++) {
		bad += not_listed(&c, kind);
		made[kind] = (unsigned)json_object_size(c.made[kind]);
		print_not_made(&c, kind);
	}
	printf("%u programs, %u filters: the VMM made %u calls, its network %u; not on a list: "
	       "%u\n",
	       c.runs, c.filters, made[VMM], made[NETWORK], bad);
	return bad || !made[VMM] || !made[NETWORK];
}
