// SPDX-License-Identifier: MIT
/* The platforms' rules: each is broken once. */
#include <string.h>

#include "../../tools/marks/out/rules.h"
#include "made.h"

typedef int rules_fn(const json_t *results, char *why, size_t size);

static void breaks(rules_fn *rules, const char *text, const char *rule)
{
	json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
	char why[200] = "";

	EXPECT_TRUE(json != NULL, "%s", text);
	CONTEXT("%s", text);
	if (rule)
		EXPECT_TRUE(rules(json, why, sizeof(why)) < 0);
	else
		EXPECT_ERR(rules(json, why, sizeof(why)), 0);
	EXPECT_STR(why, rule ? rule : "");
}

TEST("-", gradescope_refuses, 0)
{
	static const char *const cases[][2] = {
		{ "{\"score\": 44.0}", NULL },
		{ "{\"tests\": [{\"score\": 2.0, \"max_score\": 2, \"tags\": [\"a\"]}]}", NULL },
		{ "[]", "an object is wanted" },
		{ "{}", "score or tests must be there" },
		{ "{\"score\": \"44\"}", "score and execution_time are numbers" },
		{ "{\"score\": 1, \"points\": 2}", "no other members than the documented" },
		{ "{\"score\": 1, \"tests\": {}}", "tests is an array" },
		{ "{\"score\": 1, \"output\": 3}", "output is a text" },
		{ "{\"score\": 1, \"visibility\": \"public\"}", "there is no such visibility" },
		{ "{\"score\": 1, \"stdout_visibility\": \"\"}", "there is no such visibility" },
		{ "{\"score\": 1, \"output_format\": \"latex\"}",
		  "there is no such output_format" },
		{ "{\"tests\": [3]}", "tests: each is an object" },
		{ "{\"tests\": [{}]}", "tests: each needs a score, or the whole does" },
		{ "{\"tests\": [{\"score\": -1}]}", "tests: score and max_score are numbers" },
		{ "{\"tests\": [{\"score\": 1, \"passed\": true}]}",
		  "tests: no other members than the documented" },
		{ "{\"tests\": [{\"score\": 1, \"status\": \"ok\"}]}",
		  "tests: status is passed or failed" },
		{ "{\"tests\": [{\"score\": 1, \"number\": 1}]}",
		  "tests: name, number and output are texts" },
		{ "{\"tests\": [{\"score\": 1, \"name_format\": \"x\"}]}",
		  "tests: there is no such format" },
		{ "{\"tests\": [{\"score\": 1, \"visibility\": 1}]}",
		  "tests: there is no such visibility" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		breaks(rules_gradescope, cases[i][0], cases[i][1]);
}

TEST("-", prairielearn_refuses, 0)
{
	static const char *const cases[][2] = {
		{ "{\"score\": 0.25}", NULL },
		{ "{\"gradable\": false, \"format_errors\": [\"a\"]}", NULL },
		{ "3", "an object is wanted" },
		{ "{}", "what is gradable has a score, a number with a point" },
		{ "{\"score\": 1}", "what is gradable has a score, a number with a point" },
		{ "{\"score\": 1.5}", "score is between 0.0 and 1.0" },
		{ "{\"gradable\": 0, \"score\": 0.5}", "gradable is true or false" },
		{ "{\"gradable\": false, \"format_errors\": [3]}",
		  "format_errors is a text, or an array of texts" },
		{ "{\"score\": 0.5, \"output\": []}", "message and output are texts" },
		{ "{\"score\": 0.5, \"tests\": 1}", "tests is an array" },
		{ "{\"score\": 0.5, \"tests\": [{}]}", "tests: each has a name" },
		{ "{\"score\": 0.5, \"tests\": [{\"name\": \"a\", \"points\": \"1\"}]}",
		  "tests: points and max_points are numbers" },
		{ "{\"score\": 0.5, \"tests\": [{\"name\": \"a\", \"output\": 1}]}",
		  "tests: output and message are texts" },
	};
	json_t *large = json_pack("{s:f}", "score", 0.5);
	static char text[1000 * 1000];
	char why[200];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		breaks(rules_prairielearn, cases[i][0], cases[i][1]);
	memset(text, 'x', sizeof(text) - 1);
	json_object_set_new(large, "output", json_string(text));
	EXPECT_TRUE(rules_prairielearn(large, why, sizeof(why)) < 0);
	EXPECT_STR(why, "the file may have 1 MB");
}

TEST("-", autolab_refuses, 0)
{
	static const char *const cases[][2] = {
		{ "{ \"scores\": { \"Prob1\": 10, \"Prob2\": 5 }, \"scoreboard\": [10, 5] }", "" },
		{ "{scores: {autograded:100}}",
		  "it is an object with scores, and perhaps scoreboard" },
		{ "{\"scores\": {}}\n", "it is one line" },
		{ "{\"score\": {}}", "it is an object with scores, and perhaps scoreboard" },
		{ "{\"scores\": [1]}", "scores is an object" },
		{ "{\"scores\": {\"a\": \"1\"}}", "each score is a number" },
		{ "{\"scores\": {}, \"scoreboard\": 1}", "scoreboard is an array" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char why[200] = "";

		CONTEXT("%s", cases[i][0]);
		EXPECT_TRUE((rules_autolab(cases[i][0], why, sizeof(why)) < 0) == !!*cases[i][1]);
		EXPECT_STR(why, cases[i][1]);
	}
}

#define HEAD  "name: x\non: push\njobs:\n"
#define JOB   HEAD "  a:\n    runs-on: ubuntu-24.04\n    steps:\n"
#define STEPS JOB "      - uses: actions/checkout@v4\n"

TEST("-", github_refuses, 0)
{
	static const char *const cases[][2] = {
		{ STEPS
		  "      - name: b\n        env:\n          X: ${{ inputs.x }}\n        run: |\n"
		  "          echo \"$X\"\n          make: all\n",
		  "" },
		{ "on: push\n", "line 1: a workflow has on and jobs" },
		{ "jobs:\n", "line 1: a workflow has on and jobs" },
		{ "on: push\n\tjobs:\n", "line 2: a tab" },
		{ "onn: push\n", "line 1: a workflow has no such key" },
		{ HEAD "  1a:\n", "line 4: a job's name has letters, digits, - and _" },
		{ HEAD "  a:\n    run-on: x\n", "line 5: a job has no such key" },
		{ HEAD "  a:\n    runs-on: x\n",
		  "line 5: a job before this has no runs-on, or no steps" },
		{ JOB "      - name: x\n", "line 7: a step before this has neither uses nor run" },
		{ JOB "      - name: x\n      - run: y\n",
		  "line 8: a step before this has neither uses nor run" },
		{ STEPS "        run: x\n", "line 8: a step has uses or run, and one of them" },
		{ STEPS "        runs: x\n", "line 8: a step has no such key" },
		{ JOB "      - uses: actions/checkout\n",
		  "line 7: uses names an action as owner/name@version" },
		{ JOB "      - run: echo ${{ inputs.x }}\n",
		  "line 7: run takes nothing by ${{ }}, but by env" },
		{ JOB "      - run: |\n          echo ${{ inputs.x }}\n",
		  "line 8: run takes nothing by ${{ }}, but by env" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char why[200] = "";

		CONTEXT("%s", cases[i][0]);
		EXPECT_TRUE((rules_workflow(cases[i][0], why, sizeof(why)) < 0) == !!*cases[i][1],
			    "%s", why);
		EXPECT_STR(why, cases[i][1]);
	}
}

TEST("-", our_workflow_obeys, 0)
{
	struct proc_result p =
		made_run("report", (const char *const[5]){ "--rules=workflow",
							   "tools/marks/grade-workflow.yml" });

	EXPECT_STR(p.err, "");
	EXPECT_U64(proc_exit_code(&p), 0);
}
