// SPDX-License-Identifier: MIT
/* The grader's command line: no word of it is lost, and none is cut. */
#include <errno.h>
#include <string.h>

#include "../../tools/marks/core/call.h"
#include "test.h"

TEST("-", a_command_line_has_all_its_words, 0)
{
	static char long_word[5000];
	struct call c = { 0 };
	struct proc_result p;

	CONTEXT("a thousand words, as of a lab with as many files");
	call_add_words(&c, "echo -n");
	for (unsigned i = 0; i < 1000; i++)
		call_add(&c, "%03u", i);
	EXPECT_U64(call_run(&c, NULL, &p), 0);
	EXPECT_U64_AS("bytes that echo printed", p.out_len, 3999);
	EXPECT_STR(p.out + 3996, "999");
	proc_free(&p);
	call_free(&c);

	CONTEXT("a word as long as a path may be");
	memset(long_word, 'x', sizeof(long_word) - 1);
	call_add_words(&c, "echo");
	call_add(&c, "%s", long_word);
	EXPECT_U64(call_run(&c, NULL, &p), 0);
	EXPECT_U64_AS("bytes that echo printed", p.out_len, 5000);
	proc_free(&p);
	call_free(&c);

	CONTEXT("no word at all: it does not start");
	EXPECT_U64(-call_run(&c, NULL, &p), ENOMEM);
	proc_free(&p);
}
