/* SPDX-License-Identifier: MIT */
#ifndef BENCHMARKS_H
#define BENCHMARKS_H

#include "types.h"

/* What `./lab bench` measures, lab by lab: a table on stdout. True if it could, and all aims are
 * met. plot: where a picture of it goes (SVG), or NULL. */
bool bench_vcpu_run(const char *plot); /* draws nothing */
bool bench_paging(const char *plot);
bool bench_io(const char *plot);
bool bench_virtio(const char *plot);
bool bench_linux(const char *plot); /* draws nothing */

/* --- the picture: a group of bars for each operation, a bar in it for each way to do it --- */

#define CHART_GROUPS 4
#define CHART_SERIES 3

struct chart {
	const char *title;
	char note[160]; /* how it was measured, in one line */
	const char *group[CHART_GROUPS];
	const char *series[CHART_SERIES]; /* the same in each group; none: see bar.label */
	double mark;			  /* a line at this height, called mark_name; 0: none */
	const char *mark_name;
	struct bar {
		double ns;	   /* the height, on a logarithmic scale; not above 0: no bar */
		double exits;	   /* written below the bar; below 0: nobody knows */
		const char *label; /* and this, if there are no series; NULL: no such bar */
	} bar[CHART_GROUPS][CHART_SERIES];
};

/* Write it to path, and say so on stdout. Nothing to do without a path. False: it said why not. */
bool chart_save(const struct chart *c, const char *path);

/* "38.1 us": three digits, and the unit that suits; `micro` is the sign for 1e-6. Returns buf. */
char *chart_time(double ns, const char *micro, char *buf, size_t size);

/* "2", "0", "1/1024", "?". Returns buf. */
char *chart_exits(double exits, char *buf, size_t size);

#endif
