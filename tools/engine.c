// SPDX-License-Identifier: MIT
/*
 * Where guests can run on this machine: one line on stderr, status 0; or what is missing and what
 * to do about it, status 3. The one engine so far is `native`, the machine's own /dev/kvm.
 */
#include <stdio.h>

#include "env.h"

int main(void)
{
	char why[240];

	if (env_kvm(why, sizeof(why))) {
		fprintf(stderr, "environment: %s\n", why);
		return 3;
	}
	fprintf(stderr, "engine native: /dev/kvm answers\n");
	return 0;
}
