// SPDX-License-Identifier: MIT
/* tools/converse.c: who asks is answered. */
#include "self.h"

static struct proc_result converse(const char *limit, const char *script)
{
	char *argv[] = { (char *)self_program("tools/converse"),
			 (char *)limit,
			 "name? ",
			 "ann",
			 "again? ",
			 "no",
			 "--",
			 "sh",
			 "-c",
			 (char *)script,
			 NULL };

	return self_run(argv, NULL);
}

TEST("-", converse_answers_in_turn, 0)
{
	struct proc_result p = converse("--limit=60",
					"printf 'again? name? '; read a; printf 'again? '; read b; "
					"echo \"$a $b\"; exit 7");

	CONTEXT("what comes before its turn is no question; the status is the program's own");
	EXPECT_U64(proc_exit_code(&p), 7);
	EXPECT_STR(p.out, "again? name? again? ann no\n");
}

TEST("-", converse_says_what_did_not_come, 0)
{
	struct proc_result p = converse("--limit=60", "printf 'name? '; read a; echo done");

	EXPECT_U64(proc_exit_code(&p), 1);
	EXPECT_STR(p.out, "name? done\n");
	EXPECT_STR(p.err, "converse: it has ended; this did not come: again? \n");
}

TEST("-", converse_ends_at_its_limit, 0, .seconds = 0.3)
{
	struct proc_result p = converse("--limit=0.2", "exec sleep 1000");

	EXPECT_U64(proc_exit_code(&p), 124);
	EXPECT_STR(p.err, "converse: the limit was reached; this did not come: name? \n");
}
