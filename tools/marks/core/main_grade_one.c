// SPDX-License-Identifier: MIT
/*
 * grade-one: one submission's mark, from its files to OUT/submissions/ID.json. Follow it from
 * work() on. The secret from which seeds are made is in the environment (VMMLAB_SECRET), where
 * other users do not see it.
 *
 *   grade-one --lab=N --in=SUBMISSION --out=DIR --course=DIR --box=PROGRAM
 *             [--engine=svm|native] [--sandbox=bwrap|user|none] [--id=ID] [--limit=SECONDS]
 *             [--again] [--alone] [--reference] [--only-compile]
 *   grade-one --list=DIR --in=FOLDER
 *
 * --list: write for each submission in FOLDER a file DIR/ID that holds its path; --queued=DIR/ID is
 * then --in and --id in one.
 * --again: whatever is there already. --alone: only if a few tests have run into their time limits;
 * the better one stays. --reference: it is the reference itself, which others are
 * compared with. Status: 0 a record is written (whatever the mark), 3 this machine cannot grade,
 * 64 usage.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alone.h"
#include "grading.h"
#include "mark.h"
#include "print.h"
#include "put_file.h"
#include "show.h"

static const char usage[] =
	"usage: grade-one --lab=N --in=SUBMISSION --out=DIR --course=DIR --box=PROGRAM\n"
	"                 [--engine=svm|svm-shadow|native] [--sandbox=bwrap|user|none] [--id=ID]\n"
	"                 [--limit=SECONDS] [--again] [--alone] [--reference] [--only-compile]\n";

static const struct option options[] = {
	{ "lab", required_argument, NULL, 'l' },     { "in", required_argument, NULL, 'i' },
	{ "out", required_argument, NULL, 'o' },     { "course", required_argument, NULL, 'c' },
	{ "box", required_argument, NULL, 'b' },     { "engine", required_argument, NULL, 'e' },
	{ "sandbox", required_argument, NULL, 's' }, { "id", required_argument, NULL, 'n' },
	{ "limit", required_argument, NULL, 't' },   { "again", no_argument, NULL, 'a' },
	{ "alone", no_argument, NULL, 'A' },	     { "reference", no_argument, NULL, 'r' },
	{ "list", required_argument, NULL, 'L' },    { "only-compile", no_argument, NULL, 'C' },
	{ "queued", required_argument, NULL, 'q' },  { NULL, 0, NULL, 0 },
};

static int take_sandbox(struct mark *m, const char *name)
{
	static const char *const names[] = { "bwrap", "user", "none" };

	for (int i = 0; i < 3; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		m->sandbox = i;
		return 0;
	}
	fprintf(stderr, "grade-one: SANDBOX=%s: must be bwrap, user or none\n", name);
	return GRADE_USAGE;
}

static int take_queued(struct mark *m, const char *entry)
{
	static char path[PATH_MAX];
	FILE *f = fopen(entry, "re");
	size_t n = f ? fread(path, 1, sizeof(path) - 1, f) : 0;

	if (f)
		fclose(f);
	path[n] = 0;
	m->in = path;
	if (n && !submission_id(entry, m->id))
		return 0;
	fprintf(stderr, "grade-one: %s: no queued submission\n", entry);
	return GRADE_USAGE;
}

static int parse(struct mark *m, int argc, char **argv)
{
	int c, ret = 0;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1 && !ret) {
		switch (c) {
		case 'l':
			m->lab = lab_number(optarg);
			break;
		case 'i':
			m->in = optarg;
			break;
		case 'o':
			m->out = optarg;
			break;
		case 'c':
			m->course = optarg;
			break;
		case 'b':
			m->box = optarg;
			break;
		case 'e':
			m->engine = optarg;
			break;
		case 's':
			ret = take_sandbox(m, optarg);
			break;
		case 'n':
			ret = submission_id(optarg, m->id) ? GRADE_USAGE : 0;
			break;
		case 't':
			m->limit = strtod(optarg, NULL);
			break;
		case 'L':
			m->list = optarg;
			break;
		case 'q':
			ret = take_queued(m, optarg);
			break;
		case 'C':
			m->only_compile = true;
			break;
		case 'a':
			m->again = true;
			break;
		case 'A':
			m->alone = true;
			break;
		case 'r':
			m->is_reference = true;
			break;
		default:
			ret = GRADE_USAGE;
		}
	}
	if (!ret && m->list && m->in)
		return 0;
	if (!ret && m->lab && m->in && m->out && m->course && m->box && optind == argc)
		return 0;
	fputs(usage, stderr);
	return GRADE_USAGE;
}

/* Where the results go; what the course is made of; the tables. */
static int prepare(struct mark *m)
{
	static const char *const dirs[] = { "", "/submissions", "/log" };
	char path[PATH_MAX], why[PATH_MAX];
	FILE *f;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		show_format(path, sizeof(path), "%s%s", m->out, dirs[i]);
		if (mkdir(path, 0777) && errno != EEXIST) {
			fprintf(stderr, "grade-one: %s: %s\n", path, strerror(errno));
			return GRADE_ENVIRONMENT;
		}
	}
	show_format(path, sizeof(path), "%s/fingerprint", m->course);
	f = fopen(path, "re");
	if (!f || !fgets(m->fingerprint, sizeof(m->fingerprint), f)) {
		fprintf(stderr, "grade-one: %s is missing: ./lab grade-one makes it\n", path);
		return GRADE_ENVIRONMENT;
	}
	fclose(f);
	show_format(path, sizeof(path), "%s/tree", m->course);
	if (chdir(path) || tasks_load(&m->tasks, m->lab, why, sizeof(why)) ||
	    wanted_of(&m->wanted, m->lab, why, sizeof(why))) {
		fprintf(stderr, "grade-one: %s: lab %u is not prepared\n", path, m->lab);
		return GRADE_ENVIRONMENT;
	}
	show_format(path, sizeof(path), "%s/reference-%s.json", m->course, m->engine);
	if (!m->is_reference)
		m->reference = json_load_file(path, 0, NULL);
	show_format(path, sizeof(path), "%s/reference/%s", m->course, m->wanted.path[0]);
	if (jail_possible(m->sandbox, path, why, sizeof(why))) {
		fprintf(stderr, "grade-one: %s\n", why);
		return GRADE_ENVIRONMENT;
	}
	if (!strcmp(m->engine, "native") && geteuid()) {
		fprintf(stderr,
			"grade-one: tests that run on this machine itself (ENGINE=native; some "
			"labs always) want root, so that students' programs are another user\n");
		return GRADE_ENVIRONMENT;
	}
	return 0;
}

/* One line for who watches. */
static void tell(const struct mark *m)
{
	print_clipped(stdout, "%-20s %3d/%d  %s%s%s", m->id, m->state == MARK_GRADED ? m->score : 0,
		      m->tasks.points, mark_state_name(m->state), m->reason[0] ? ": " : "",
		      m->reason);
}

static void grade(struct mark *m)
{
	int ret = mark_begin_work(m);

	if (ret)
		mark_settle(m, MARK_ENVIRONMENT, "no directory to work in: %s", strerror(-ret));
	if (m->state == MARK_UNDER_WAY)
		mark_compile(m);
	if (m->state == MARK_UNDER_WAY)
		mark_vet(m);
	if (m->state == MARK_UNDER_WAY)
		mark_link(m);
	if (m->state == MARK_UNDER_WAY)
		mark_vet_linked(m);
	if (m->only_compile)
		mark_settle(m, MARK_GRADED, "%s", "only compiled");
	if (m->state == MARK_UNDER_WAY)
		mark_run(m);
	if (m->state == MARK_UNDER_WAY)
		mark_judge(m);
	mark_end_work(m);
}

static int work(void *arg)
{
	struct mark *m = arg;
	int ret = mark_take(m);

	if (ret) {
		fprintf(stderr, "grade-one: %s: %s\n", m->in, strerror(-ret));
		return GRADE_ENVIRONMENT;
	}
	if (m->alone && !(m->earlier = mark_limited(m)))
		return 0;
	if (m->earlier)
		m->again = true;
	if (mark_is_there(m)) {
		printf("%-20s is graded already\n", m->id);
		return 0;
	}
	if (m->state == MARK_UNDER_WAY)
		grade(m);
	ret = mark_write(m);
	if (ret)
		fprintf(stderr, "grade-one: %s: the record cannot be written: %s\n", m->id,
			strerror(-ret));
	else
		tell(m);
	return ret || m->state == MARK_ENVIRONMENT ? GRADE_ENVIRONMENT : 0;
}

/* What we start needs it no more. (Nor does the reference, which has numbers of its own.) */
static const char *take_secret(void)
{
	char *text = getenv("VMMLAB_SECRET"), *copy = strdup(text ? text : "");

	if (text)
		explicit_bzero(text, strlen(text));
	unsetenv("VMMLAB_SECRET");
	return copy ? copy : "";
}

int main(int argc, char **argv)
{
	static struct mark m = { .engine = "svm" };
	int ret = parse(&m, argc, argv);

	if (!ret && m.list)
		return queue_all(m.in, m.list) ? GRADE_ENVIRONMENT : 0;
	if (!ret && !m.id[0] && submission_id(m.in, m.id)) {
		fprintf(stderr, "grade-one: %s: no name that says whose it is\n", m.in);
		ret = GRADE_USAGE;
	}
	m.secret = take_secret();
	m.flags = json_array();
	m.tests = json_array();
	if (!ret)
		ret = prepare(&m);
	if (!ret)
		ret = alone_run(work, &m);
	return ret;
}
