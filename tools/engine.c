// SPDX-License-Identifier: MIT
/*
 * engine auto|native|svm|svm-shadow|vmx: where guests will run. The choice goes to stdout, and its
 * reason, in one line, to stderr. "The CPU has VT-x" says nothing about /dev/kvm, nor does its
 * absence; so native is taken when a guest of two instructions has run there.
 * Status: 0; 2 for no such engine; 3 when native was asked for and is of no use.
 */
#include <stdio.h>
#include <string.h>

#include "env.h"
#include "said.h"

static const char *const boxes[] = { "svm", "svm-shadow", "vmx" };

static int choose(const char *engine)
{
	char why[ENV_WHY_MAX];
	bool automatic = !strcmp(engine, "auto");

	if (!env_kvm(why, sizeof(why)) && !env_kvm_runs(why, sizeof(why))) {
		fprintf(stderr, "engine native: /dev/kvm answers\n");
		puts("native");
		return 0;
	}
	if (!automatic) {
		fprintf(stderr, "environment: %s\n", why);
		return 3;
	}
	fprintf(stderr, "engine svm, an emulated CPU: %s\n", why);
	puts("svm");
	return 0;
}

int main(int argc, char **argv)
{
	const char *engine = argc > 1 ? argv[1] : "auto";

	said_or_fail("engine");
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		if (!strcmp(engine, boxes[i])) {
			fprintf(stderr, "engine %s, an emulated CPU\n", engine);
			puts(engine);
			return 0;
		}
	}
	if (strcmp(engine, "auto") != 0 && strcmp(engine, "native") != 0) {
		fprintf(stderr, "engine: ENGINE=%s: must be auto, native, svm, svm-shadow or vmx\n",
			engine);
		return 2;
	}
	return choose(engine);
}
