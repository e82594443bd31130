/* SPDX-License-Identifier: MIT */
/* Expectations of what exit handlers and devices return, shown by name. */
#ifndef VERDICTS_H
#define VERDICTS_H

#include <stdio.h>

#include "test.h"
#include "verdict.h"

/* EXPECT_V(bus_io(...), V_RESUME) */
#define EXPECT_V(actual, expected) \
	expect_str(HERE(#actual), verdict_name((int)(actual)), verdict_name(expected))

/* "V_RESUME"; or the number, of one that is none: good until the next such. */
static inline const char *verdict_name(int verdict)
{
	static const char *const names[] = {
		[V_RESUME] = "V_RESUME", [V_HALTED] = "V_HALTED",   [V_EXIT] = "V_EXIT",
		[V_DEAD] = "V_DEAD",	 [V_TIMEOUT] = "V_TIMEOUT", [V_LEFT] = "V_LEFT",
		[V_ERROR] = "V_ERROR",
	};
	static char none[40];

	if (verdict >= 0 && verdict < (int)ARRAY_SIZE(names))
		return names[verdict];
	snprintf(none, sizeof(none), "%d, which is no verdict", verdict);
	return none;
}

#endif
