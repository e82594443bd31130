/* SPDX-License-Identifier: MIT */
#ifndef BENCHMARKS_H
#define BENCHMARKS_H

#include "types.h"

/* What `./lab bench` measures, lab by lab: a table on stdout. True if it could, and all aims are
 * met. plot: where a picture of it goes (SVG), or NULL. */
bool bench_vcpu_run(void);
bool bench_paging(const char *plot);

/* --- the picture: a group of bars for each operation, a bar in it for each way to do it --- */

#define CHART_GROUPS 4
#define CHART_SERIES 3

struct chart {
	const char *title;
	char note[160]; /* how it was measured, in one line */
	const char *group[CHART_GROUPS], *series[CHART_SERIES];
	struct bar {
		double ns;    /* the height, on a logarithmic scale; not above 0: no bar */
		double exits; /* written below the bar */
	} bar[CHART_GROUPS][CHART_SERIES];
};

/* Returns 0 or a negative errno. */
int chart_write(const struct chart *c, const char *path);

/* "38.1 us": three digits, and the unit that suits; `micro` is the sign for 1e-6. Returns buf. */
char *chart_time(double ns, const char *micro, char *buf, size_t size);

#endif
