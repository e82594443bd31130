// SPDX-License-Identifier: MIT
/*
 * record: the program runs that the book and the task sheets show, replayed. (tools/recorded.h says
 * what a recording is. ./lab record calls this where the guests run.)
 *
 *	record [--check | --write] [NAME...]	run them again (all of them); --write: note down
 *						what they print now
 *	record --blocks [--write]		compare sheets and chapters with the recordings,
 *						without running anything
 *	record --needs				the trees that they are run in: rung or patch, lab
 *	record --lab=05 ...			those of a lab's programs
 */
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "recorded/recorded.h"
#include "said.h"
#include "show.h"

struct counts {
	unsigned runs, differ, elsewhere;
};

static void print_difference(const char *path, const char *was, const char *is)
{
	for (unsigned line = 1;; line++) {
		size_t a = strcspn(was, "\n"), b = strcspn(is, "\n");

		if (a != b || strncmp(was, is, a) != 0 || !was[a] || !is[b]) {
			printf("%s differs in line %u of what is printed\n"
			       "  recorded  %.*s\n  now       %.*s\n",
			       path, line - 1, (int)a, was, (int)b, is);
			return;
		}
		was += a + 1;
		is += b + 1;
	}
}

static int note_down(const struct recording *rec, const char *now)
{
	static char text[sizeof(rec->head) + RECORDING_MAX];

	show_format(text, sizeof(text), "%s%s", rec->head, now);
	return file_write(rec->path, text);
}

/* Run one, and compare. */
static void replay(const char *path, bool write, struct counts *c)
{
	static struct recording rec;
	static char now[RECORDING_MAX];
	char engines[80];

	c->runs++;
	if (recording_read(&rec, path)) {
		c->differ++;
		return;
	}
	if (recording_value(&rec, "engine", 0, engines, sizeof(engines)) &&
	    !is_listed(engines, env_engine())) {
		c->elsewhere++;
		return;
	}
	if (recording_replay(&rec, now)) {
		c->differ++;
	} else if (!recording_agrees(&rec, rec.text, now)) {
		print_difference(rec.path, rec.text, now);
		if (!write || note_down(&rec, now))
			c->differ++;
	}
	fflush(stdout);
}

/* Is it one of the lab's, or is none asked for? */
static bool is_of(const char *path, const char *lab)
{
	static struct recording rec;
	char run[40];

	return !*lab || recording_read(&rec, path) ||
	       !recording_value(&rec, "run", 0, run, sizeof(run)) || !strncmp(run, lab, 2);
}

/* One line for each tree: its name, `2.1` or `04/NAME.patch`, and the lab whose program is run. */
static void print_needs(const char *path)
{
	static struct recording rec;
	char tree[100], run[40];

	if (!recording_read(&rec, path) &&
	    (recording_value(&rec, "tree", 0, tree, sizeof(tree)) ||
	     recording_value(&rec, "patch", 0, tree, sizeof(tree)))) {
		recording_value(&rec, "run", 0, run, sizeof(run));
		printf("%s %.2s\n", tree, run);
	}
}

/* What is asked for: some recordings by their names or paths, or all. */
static int replay_all(char *names[], const char *lab, bool write, bool needs)
{
	struct counts c = { 0 };
	char path[200];
	glob_t found;

	if (glob(RECORDINGS "/*.txt", 0, NULL, &found))
		return trouble(RECORDINGS, "no recordings here");
	for (size_t i = 0; !names[0] && i < found.gl_pathc; i++) {
		if (!is_of(found.gl_pathv[i], lab))
			continue;
		if (needs)
			print_needs(found.gl_pathv[i]);
		else
			replay(found.gl_pathv[i], write, &c);
	}
	globfree(&found);
	for (; names[0]; names++) {
		show_format(path, sizeof(path), RECORDINGS "/%s.txt", names[0]);
		replay(strchr(names[0], '/') ? names[0] : path, write, &c);
	}
	if (needs)
		return 0;
	printf("%u recorded runs, %u differ", c.runs, c.differ);
	if (c.elsewhere)
		printf(" (%u belong to other engines than %s)", c.elsewhere, env_engine());
	putchar('\n');
	return c.differ ? 1 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },	 { "write", no_argument, NULL, 'w' },
		{ "blocks", no_argument, NULL, 'b' },	 { "needs", no_argument, NULL, 'n' },
		{ "lab", required_argument, NULL, 'l' }, { NULL, 0, NULL, 0 },
	};
	bool write = false, blocks = false, needs = false;
	const char *lab = "";
	int c;

	said_or_fail("record");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'b') {
			blocks = true;
		} else if (c == 'n') {
			needs = true;
		} else if (c == 'l' && strlen(optarg) == 2) {
			lab = optarg;
		} else if (c == 'w' || c == 'c') {
			write = c == 'w';
		} else {
			fputs("usage: record [--lab=05] [--check | --write | --needs] [NAME...] | "
			      "--blocks [--write]\n",
			      stderr);
			return 64;
		}
	}
	if (blocks)
		return blocks_check(write) ? 1 : 0;
	return replay_all(argv + optind, lab, write, needs) ? 1 : 0;
}
