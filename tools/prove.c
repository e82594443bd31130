// SPDX-License-Identifier: MIT
/*
 * The proof that the course is fair.
 *
 *	prove ladder BUILD [LAB [ENGINE]]
 *		for every task t: the tree solved up to t builds without a warning and scores
 *		exactly the points of the tasks up to t
 *	prove mutants BUILD [LAB [ENGINE [GLOB]]]
 *		every seeded mistake in tests/mutants makes the tests fail that its header names,
 *		and none of a task that does not need this one; every graded test is made to fail
 *		by at least one.
 *		`# task: -` is a mistake in given code that only tests without points notice.
 *		With a GLOB only those mutants whose names it fits (4.7-*)
 *
 * Guests run here, or in the emulated machine of ENGINE (svm). There a mutant meets only the tests
 * that it names: the others take too long. A native run has all quick ones.
 * Trees are made and kept in BUILD/prove. A line for each step; the last one is
 * `N passed, N failed, N at the second try`. Status 0, 1, or 3 when this machine cannot run guests.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "proof/proof.h"

/* Will guests run here, or by the box in an emulated machine? Returns 0 or an exit status. */
static int choose_place(struct prover *p, const char *engine)
{
	char why[ENV_WHY_MAX];

	if (!getcwd(p->tree, sizeof(p->tree)))
		return 3;
	p->engine = strcmp(engine, "native") != 0 ? engine : NULL;
	if (p->engine || !env_kvm(why, sizeof(why)))
		return 0;
	fprintf(stderr, "environment: %s\n", why);
	return 3;
}

int main(int argc, char **argv)
{
	static struct prover p;
	struct tasks tasks;
	char why[240], build[PATH_MAX];
	int status;

	if (argc < 3 || argc > 6 ||
	    (strcmp(argv[1], "ladder") != 0 && strcmp(argv[1], "mutants") != 0)) {
		fprintf(stderr, "Usage: prove ladder|mutants BUILD [LAB [ENGINE [GLOB]]]\n");
		return 2;
	}
	if (!realpath(argv[2], build)) {
		perror(argv[2]);
		return 2;
	}
	p.build = build;
	p.killed = json_object();
	status = choose_place(&p, argc > 4 ? argv[4] : "native");
	if (status)
		return status;
	for (unsigned lab = 1; lab < 100; lab++) {
		char dir[200];

		if ((argc >= 4 && lab != strtoul(argv[3], NULL, 10)) ||
		    lab_find(lab, dir, sizeof(dir)))
			continue;
		if (tasks_load(&tasks, lab, why, sizeof(why)))
			verdict(&p, false, dir, "%s", why);
		else if (!strcmp(argv[1], "ladder"))
			prove_ladder(&p, &tasks);
		else
			prove_mutants(&p, &tasks, argc > 5 ? argv[5] : NULL);
	}
	json_decref(p.killed);
	printf("%u passed, %u failed, %u at the second try\n", p.passed, p.failed, p.repeated);
	return p.failed ? 1 : 0;
}
