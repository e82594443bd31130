/* SPDX-License-Identifier: MIT */
/* Two runs of one guest: do they agree in what it printed and drew? */
#ifndef HARNESS_DIFFERENCE_H
#define HARNESS_DIFFERENCE_H

#include "types.h"

#define SCREEN_SIZE 4000 /* 80 by 25 cells of two bytes */

struct side {
	const char *who; /* "QEMU" */
	const char *text;
	size_t len;
	const u8 *screen; /* SCREEN_SIZE bytes */
};

bool sides_agree(const struct side *a, const struct side *b);

/* On stdout: where they begin to differ. */
void print_difference(const struct side *a, const struct side *b);

#endif
