// SPDX-License-Identifier: MIT
#include "report.h"
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void copy(char *to, size_t size, const char *from)
{
	show_format(to, size, "%s", from);
}

/* "IO_OUT 8" or "rip 0x1005": the name, and the number behind it. */
static u64 name_and_number(char *name, size_t size, const char *text)
{
	size_t len = strcspn(text, " ");

	show_format(name, size, "%.*s", (int)len, text);
	return strtoull(text + len, NULL, 0);
}

/* One fact: its word, and the rest of the line. Unknown words are for later labs: left alone. */
static void parse_fact(struct run_report *r, const char *word, const char *rest)
{
	if (!strcmp(word, "verdict")) {
		copy(r->verdict, sizeof(r->verdict), rest);
	} else if (!strcmp(word, "status")) {
		r->status = atoi(rest);
	} else if (!strcmp(word, "cause")) {
		copy(r->cause, sizeof(r->cause), rest);
	} else if (!strcmp(word, "code")) {
		copy(r->code, sizeof(r->code), rest);
	} else if (!strcmp(word, "todo") && r->ntodos < REPORT_TODOS) {
		copy(r->todo[r->ntodos++], sizeof(r->todo[0]), rest);
	} else if (!strcmp(word, "last") && r->nlast < REPORT_LAST) {
		copy(r->last[r->nlast++], sizeof(r->last[0]), rest);
	} else if (!strcmp(word, "exits") && r->nkinds < REPORT_KINDS) {
		r->kinds[r->nkinds].count =
			name_and_number(r->kinds[r->nkinds].kind, sizeof(r->kinds[0].kind), rest);
		r->nkinds++;
	} else if (!strcmp(word, "reg") && r->nregs < REPORT_REGS) {
		r->regs[r->nregs].value =
			name_and_number(r->regs[r->nregs].name, sizeof(r->regs[0].name), rest);
		r->nregs++;
	}
}

int run_report_read(struct run_report *r, const char *path)
{
	char line[512];
	FILE *f;

	memset(r, 0, sizeof(*r));
	f = fopen(path, "r");
	if (!f)
		return -errno;
	if (fgets(line, sizeof(line), f) && !strcmp(line, "vmmlab-report 1\n"))
		r->found = true;
	while (r->found && fgets(line, sizeof(line), f)) {
		char *rest = line + strcspn(line, " \n");

		line[strcspn(line, "\n")] = 0;
		if (*rest)
			*rest++ = 0;
		parse_fact(r, line, rest);
	}
	fclose(f);
	return r->found ? 0 : -EINVAL;
}

u64 run_report_exits(const struct run_report *r, const char *kind)
{
	for (unsigned i = 0; i < r->nkinds; i++)
		if (!strcmp(r->kinds[i].kind, kind))
			return r->kinds[i].count;
	return 0;
}

bool run_report_reg(const struct run_report *r, const char *name, u64 *value)
{
	for (unsigned i = 0; i < r->nregs; i++)
		if (!strcmp(r->regs[i].name, name)) {
			*value = r->regs[i].value;
			return true;
		}
	return false;
}
