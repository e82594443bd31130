// SPDX-License-Identifier: MIT
/*
 * Grouped bars on a logarithmic scale, as SVG. Text and lines have the colour of the page around
 * it (currentColor), and the fills are neither light nor dark: it can be read on both.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "benchmarks.h"

#define WIDTH  800
#define LEFT   74
#define RIGHT  10
#define TOP    110
#define BOTTOM 340
#define HEIGHT 406
#define BAR    50
#define GROUP  ((WIDTH - LEFT - RIGHT) / CHART_GROUPS)

/* The decades that the axis covers: from 10^low to 10^high nanoseconds. */
struct axis {
	int low, high;
	double mark; /* chart.mark */
};

/* ns in the unit that suits, from ns to s. */
static const char *scale(double *ns, const char *micro)
{
	const char *const unit[] = { "ns", micro, "ms", "s" };
	unsigned u = 0;

	for (; *ns >= 999.5 && u < 3; u++)
		*ns /= 1000;
	return unit[u];
}

char *chart_time(double ns, const char *micro, char *buf, size_t size)
{
	const char *unit = scale(&ns, micro);

	if (ns <= 0)
		snprintf(buf, size, "?");
	else
		snprintf(buf, size, "%.*f %s", ns < 9.995 ? 2 : ns < 99.95 ? 1 : 0, ns, unit);
	return buf;
}

char *chart_exits(double exits, char *buf, size_t size)
{
	if (exits < 0)
		snprintf(buf, size, "?");
	else if (exits > 0 && exits < 1)
		snprintf(buf, size, "1/%.4g", 1 / exits);
	else
		snprintf(buf, size, "%g", exits);
	return buf;
}

/* The bars of a group: one for each series, or with labels of their own, those that have one. */
static unsigned count_bars(const struct chart *c, unsigned group)
{
	unsigned n = 0;

	while (n < CHART_SERIES && (c->series[0] ? c->series[n] : c->bar[group][n].label))
		n++;
	return n;
}

static const char *bar_name(const struct chart *c, unsigned group, unsigned n)
{
	return c->series[0] ? c->series[n] : c->bar[group][n].label;
}

static struct axis find_axis(const struct chart *c)
{
	struct axis a = { 99, -99, c->mark };

	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES; i++) {
		double ns = c->bar[i / CHART_SERIES][i % CHART_SERIES].ns;

		if (ns <= 0)
			continue;
		a.low = (int)fmin(a.low, floor(log10(ns)));
		a.high = (int)fmax(a.high, ceil(log10(ns)));
	}
	if (c->mark > 0)
		a.low = (int)fmin(a.low, floor(log10(c->mark)));
	if (a.low >= a.high)
		a = (struct axis){ 0, 3, c->mark };
	return a;
}

static double y_of(const struct axis *a, double ns)
{
	return BOTTOM - (log10(ns) - a->low) / (a->high - a->low) * (BOTTOM - TOP);
}

static void write_axis(const struct axis *a, FILE *out)
{
	for (int decade = a->low; decade <= a->high; decade++) {
		double ns = pow(10, decade), y = y_of(a, ns);
		const char *unit = scale(&ns, "µs");

		fprintf(out,
			"<path d=\"M%d %.1f H%d\" class=\"grid\"/>"
			"<text x=\"%d\" y=\"%.1f\" class=\"r\">%g %s</text>\n",
			LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4, ns, unit);
	}
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"r\">exits</text>\n", LEFT - 8, BOTTOM + 20);
}

/* Where the text over a bar that ends at y stands: not where the mark would run through it. */
static double text_y(const struct axis *a, double y)
{
	double mark = a->mark > 0 ? y_of(a, a->mark) : BOTTOM;

	return y - 18 < mark && mark < y - 3 ? mark - 4 : y - 6;
}

static void write_bar(const struct axis *a, const struct bar *bar, unsigned series, int x,
		      FILE *out)
{
	char text[32];
	double y = bar->ns > 0 ? y_of(a, bar->ns) : BOTTOM;

	fprintf(out, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" class=\"f%u\"/>\n", x,
		y, BAR, BOTTOM - y, series);
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"m\">%s</text>\n", x + BAR / 2, text_y(a, y),
		chart_time(bar->ns, "µs", text, sizeof(text)));
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"m b\">%s</text>\n", x + BAR / 2, BOTTOM + 20,
		chart_exits(bar->exits, text, sizeof(text)));
	if (bar->label)
		fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"m\">%s</text>\n", x + BAR / 2,
			BOTTOM + 37, bar->label);
}

static void write_groups(const struct chart *c, const struct axis *a, FILE *out)
{
	for (unsigned g = 0; g < CHART_GROUPS; g++) {
		int x = LEFT + (int)g * GROUP, bars = (int)count_bars(c, g);
		int margin = (GROUP - bars * BAR) / 2;

		for (unsigned s = 0; (int)s < bars; s++)
			write_bar(a, &c->bar[g][s], s, x + margin + (int)s * BAR, out);
		fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"m h\">%s</text>\n", x + GROUP / 2,
			BOTTOM + (c->series[0] ? 48 : 57), c->group[g]);
	}
}

/* For those who cannot see it, and those who search in it. */
static void write_description(const struct chart *c, FILE *out)
{
	char text[32], exits[32];

	fprintf(out, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s.", c->title, c->note);
	for (unsigned g = 0; g < CHART_GROUPS; g++) {
		fprintf(out, " %s:", c->group[g]);
		for (unsigned s = 0, bars = count_bars(c, g); s < bars; s++)
			fprintf(out, " %s %s, exits %s%c", bar_name(c, g, s),
				chart_time(c->bar[g][s].ns, "µs", text, sizeof(text)),
				chart_exits(c->bar[g][s].exits, exits, sizeof(exits)),
				s < bars - 1 ? ';' : '.');
	}
	if (c->mark > 0)
		fprintf(out, " %s: %s.", c->mark_name,
			chart_time(c->mark, "µs", text, sizeof(text)));
	fputs("</desc>\n", out);
}

static void write_legend(const struct chart *c, FILE *out)
{
	fprintf(out,
		"<text x=\"%d\" y=\"24\" class=\"h\">%s</text>\n"
		"<text x=\"%d\" y=\"44\">%s</text>\n",
		LEFT, c->title, LEFT, c->note);
	for (unsigned s = 0; s < CHART_SERIES && c->series[s]; s++) {
		int x = LEFT + (int)s * 160;

		fprintf(out,
			"<rect x=\"%d\" y=\"58\" width=\"16\" height=\"16\" class=\"f%u\"/>"
			"<text x=\"%d\" y=\"71\">%s</text>\n",
			x, s, x + 24, c->series[s]);
	}
}

static void write_mark(const struct chart *c, const struct axis *a, FILE *out)
{
	double y = c->mark > 0 ? y_of(a, c->mark) : 0;
	char text[32];

	if (c->mark <= 0)
		return;
	fprintf(out,
		"<path d=\"M%d %.1f H%d\" class=\"mark\"/>\n"
		"<path d=\"M%d 66 H%d\" class=\"mark\"/>"
		"<text x=\"%d\" y=\"70\">%s: %s</text>\n",
		LEFT, y, WIDTH - RIGHT, LEFT, LEFT + 30, LEFT + 38, c->mark_name,
		chart_time(c->mark, "µs", text, sizeof(text)));
}

static int chart_write(const struct chart *c, const char *path)
{
	const struct axis a = find_axis(c);
	FILE *out = fopen(path, "we");
	bool bad;

	if (!out)
		return -errno;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\" aria-labelledby=\"t d\">\n",
		WIDTH, HEIGHT, WIDTH, HEIGHT);
	write_description(c, out);
	fputs("<style>\n"
	      " text { font: 12.5px \"DejaVu Sans\", Verdana, sans-serif; fill: currentColor }\n"
	      " .h { font-weight: bold; font-size: 13px }\n"
	      " .m { text-anchor: middle; font-size: 11.5px } .r { text-anchor: end }\n"
	      " .b { font-size: 13px } .m.h { font-size: 13px }\n"
	      " rect { stroke: currentColor }\n"
	      " .f0 { fill: #d9893a } .f1 { fill: #8f7fd0 } .f2 { fill: #58a868 }\n"
	      " .grid { stroke: currentColor; stroke-opacity: 0.2 }\n"
	      " .mark { stroke: currentColor; stroke-dasharray: 6 4 }\n"
	      "</style>\n",
	      out);
	write_legend(c, out);
	write_axis(&a, out);
	write_mark(c, &a, out);
	write_groups(c, &a, out);
	fputs("</svg>\n", out);
	bad = ferror(out);
	bad |= fclose(out) != 0;
	return bad ? -EIO : 0;
}

bool chart_save(const struct chart *c, const char *path)
{
	int err = path ? chart_write(c, path) : 0;

	if (err)
		fprintf(stderr, "bench: %s: %s\n", path, strerror(-err));
	else if (path)
		printf("the same as a picture: %s\n", path);
	return !err;
}
