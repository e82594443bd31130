// SPDX-License-Identifier: MIT
#include "proof.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "show.h"

/* A test's name, or a list of them, as the results have it. */
static void as_in_results(char *names)
{
	for (char *c = names; *c; c++)
		if (*c == '_')
			*c = '-';
}

struct mutant {
	char file[PATH_MAX], step[128], task[16], killers[400], slow[400];
	struct graded g;
};

/*
 * `# killed by a CPU: ...` are tests that notice where a CPU runs guests by itself. QEMU's emulated
 * one lets pass what the manual forbids: it checks no segment limit. `# killed slowly by: ...`
 * notice when a time limit ends, after seconds: in an emulated machine they run on the step's turn
 * only.
 */
static bool read_mutant(const struct prover *p, struct mutant *m, const char *path)
{
	char line[512], more[400] = "";
	FILE *f = fopen(path, "re");

	*m = (struct mutant){ 0 };
	snprintf(m->file, sizeof(m->file), "%s", path);
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f) && line[0] == '#') {
		sscanf(line, "# task: %15s", m->task);
		sscanf(line, "# killed by: %399[^\n]", m->killers);
		sscanf(line, "# killed by a CPU: %399[^\n]", more);
		sscanf(line, "# killed slowly by: %399[^\n]", m->slow);
	}
	fclose(f);
	if (*more && !p->engine)
		show_append(m->killers, sizeof(m->killers), ", %s", more);
	if (*m->slow && (!p->engine || quick() == ALL)) {
		show_append(m->killers, sizeof(m->killers), ", %s", m->slow);
		m->slow[0] = 0;
	}
	as_in_results(m->killers);
	as_in_results(m->slow);
	return m->task[0] && m->killers[0];
}

/* They are known to fail, too, if not by this run. */
static void count_as_killed(struct prover *p, char *names)
{
	for (char *name = strtok(names, ", "); name; name = strtok(NULL, ", "))
		json_object_set_new(p->killed, name, json_true());
}

/* Compare what failed with what the mutant's header promises. Puts what differs into bad. */
static void judge(struct prover *p, const struct mutant *m, json_t *results, char *bad, size_t size)
{
	unsigned killers = 0, promised = 1;
	size_t index;
	json_t *test;

	bad[0] = 0;
	for (const char *c = m->killers; *c; c++)
		promised += *c == ',';
	json_array_foreach(json_object_get(results, "tests"), index, test)
	{
		const char *name = text_of(test, "name");
		bool graded = json_integer_value(json_object_get(test, "max_score")) > 0;
		bool named = is_listed(m->killers, name), fine = !is_wrong(test);

		killers += named;
		if (named && fine)
			show_append(bad, size, "%s did not notice (%s %s); ", name,
				    text_of(test, "outcome"), text_of(test, "note"));
		else if (!named && !fine && graded &&
			 !tasks_needs(p->tasks, text_of(test, "task"), m->task))
			show_append(bad, size, "%s failed, a test of task %s (%s); ", name,
				    text_of(test, "task"), text_of(test, "actual"));
		if (!fine && graded)
			json_object_set_new(p->killed, name, json_true());
	}
	if (killers != promised)
		snprintf(bad, size, "%u of the %u tests named are there", killers, promised);
}

/* The one suite whose tests those are, or "": both, or nobody knows. */
static const char *suites_of(const struct prover *p, const char *names)
{
	unsigned unit = 0, blackbox = 0, promised = 1;
	size_t index;
	json_t *test;

	for (const char *c = names; *c; c++)
		promised += *c == ',';
	json_array_foreach(json_object_get(p->plan, "tests"), index, test)
	{
		if (!is_listed(names, text_of(test, "name")))
			continue;
		unit += strstr(text_of(test, "suite"), "/unit") != NULL;
		blackbox += strstr(text_of(test, "suite"), "/blackbox") != NULL;
	}
	if (unit + blackbox != promised || (unit && blackbox))
		return "";
	return unit ? "unit" : "blackbox";
}

/* Is it as the mutant's header promises? If not, bad says what is not. */
static bool is_noticed(struct prover *p, struct mutant *m, char *bad, size_t size)
{
	if (m->g.results)
		judge(p, m, m->g.results, bad, size);
	else
		snprintf(bad, size, "it does not build");
	json_decref(m->g.results);
	m->g.results = NULL;
	return !bad[0];
}

/* Plant it, build, run what runs here, and take it back. Returns false if it does not apply. */
static bool plant(struct prover *p, const char *dir, struct mutant *m)
{
	m->g.results = NULL;
	m->g.without[0] = 0;
	if (shell("patch -s -p1 -d '%s' < '%s' >&2", dir, m->file)) {
		verdict(p, false, m->step, "the patch does not apply");
		return false;
	}
	grade_here(p, dir, &m->g);
	if (shell("patch -s -R -p1 -d '%s' < '%s' >&2", dir, m->file))
		verdict(p, false, m->step, "the patch cannot be taken back");
	return true;
}

/* One of those that the next start of the machine takes along, in m. */
static bool begin_mutant(struct prover *p, const char *dir, const char *path, unsigned lab,
			 unsigned number, struct mutant *m)
{
	bool ok = read_mutant(p, m, path);

	snprintf(m->step, sizeof(m->step), "mutant %s", strrchr(path, '/') + 1);
	if (!ok) {
		verdict(p, false, m->step, "its header does not say `# task:` and `# killed by:`");
		return false;
	}
	count_as_killed(p, m->slow);
	m->g = (struct graded){
		.lab = lab,
		.number = number,
		.make_args = "",
		.suites = p->engine ? suites_of(p, m->killers) : "",
		.longest = p->engine || !strcmp(m->task, "-") ? NONE : quick(),
		.also = m->killers,
		.grade_args = strcmp(m->task, "-") ? "--no-retry" : NULL,
	};
	return plant(p, dir, m);
}

static void end_mutant(struct prover *p, const char *dir, struct mutant *m)
{
	struct graded *alone[1] = { &m->g };
	char bad[600];
	bool noticed = is_noticed(p, m, bad, sizeof(bad));

	/* A busy machine can fail a test of time, and so keep others from running. */
	if (!noticed) {
		printf("      %s: %s\n", m->step, bad);
		p->repeated++;
		if (m->g.grade_args)
			m->g.grade_args = "";
		if (!plant(p, dir, m))
			return;
		grade_there(p, dir, alone, 1);
		noticed = is_noticed(p, m, bad, sizeof(bad));
	}
	verdict(p, noticed, m->step, "%s", noticed ? m->killers : bad);
}

static void try_mutants(struct prover *p, const char *dir, char **paths, unsigned lab)
{
	static struct mutant mutant[TOGETHER_MAX];
	struct graded *waiting[TOGETHER_MAX];
	unsigned n = 0;

	for (; *paths; paths++) {
		if (begin_mutant(p, dir, *paths, lab, n, &mutant[n])) {
			waiting[n] = &mutant[n].g;
			n++;
		}
		if (n < TOGETHER_MAX && paths[1])
			continue;
		grade_there(p, dir, waiting, n);
		for (unsigned i = 0; i < n; i++)
			end_mutant(p, dir, &mutant[i]);
		n = 0;
	}
}

/* Each graded test must have been seen to fail. */
static void all_tests_can_fail(struct prover *p, const char *dir, unsigned lab)
{
	struct graded g = { .lab = lab,
			    .suites = "",
			    .make_args = "",
			    .longest = quick(),
			    .also = "",
			    .grade_args = "" },
		      *solution[1] = { &g };
	unsigned idle = 0, graded = 0, passed = 0;
	size_t index;
	json_t *test;

	grade_here(p, dir, &g);
	grade_there(p, dir, solution, 1);
	json_array_foreach(json_object_get(g.results, "tests"), index, test)
	{
		const char *name = text_of(test, "name");

		if (!json_integer_value(json_object_get(test, "max_score")))
			continue;
		graded++;
		passed += is_outcome(test, "pass") || is_left_out(test);
		if (!json_object_get(p->killed, name)) {
			printf("      no mutant makes %s fail\n", name);
			idle++;
		}
	}
	verdict(p, graded && passed == graded, "solution",
		"the tree without a mutant passes %u of %u graded tests", passed, graded);
	verdict(p, idle == 0, "tests", "%u of the graded tests are never seen to fail", idle);
	json_decref(g.results);
}

void prove_mutants(struct prover *p, const struct tasks *tasks, const char *only)
{
	char dir[PATH_MAX], pattern[PATH_MAX];
	glob_t found;

	/* The sources with their times, and what was made of them: little is left to be built. */
	snprintf(dir, sizeof(dir), "%s/prove/mutants-%02u", p->build, tasks->lab);
	if (shell("rm -rf '%s' && mkdir -p '%s' && git ls-files -co --exclude-standard | "
		  "tar -cf - -T - | tar -xf - -C '%s' && mkdir -p '%s/build' && cd '%s' && "
		  "find common labs tests -name '*.[od]' | "
		  "tar -cf - .compiler .fortify guests -T - | tar -xf - -C '%s/build'",
		  dir, dir, dir, dir, p->build, dir)) {
		verdict(p, false, "mutants", "the tree could not be copied");
		return;
	}
	p->tasks = tasks;
	snprintf(pattern, sizeof(pattern), "tests/mutants/%02u/%s.patch", tasks->lab,
		 only ? only : "*");
	if (glob(pattern, 0, NULL, &found)) {
		verdict(p, false, "mutants", "there are none in %s", pattern);
		return;
	}
	p->plan = plan_of(dir, tasks->lab);
	try_mutants(p, dir, found.gl_pathv, tasks->lab);
	json_decref(p->plan);
	globfree(&found);
	if (!only)
		all_tests_can_fail(p, dir, tasks->lab);
}
