// SPDX-License-Identifier: MIT
/*
 * Grouped bars on a logarithmic scale, as SVG. Text and lines have the colour of the page around
 * it (currentColor), and the fills are neither light nor dark: it can be read on both.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

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

static struct axis find_axis(const struct chart *c)
{
	struct axis a = { 99, -99 };

	for (unsigned i = 0; i < CHART_GROUPS * CHART_SERIES; i++) {
		double ns = c->bar[i / CHART_SERIES][i % CHART_SERIES].ns;

		if (ns <= 0)
			continue;
		a.low = (int)fmin(a.low, floor(log10(ns)));
		a.high = (int)fmax(a.high, ceil(log10(ns)));
	}
	if (a.low >= a.high)
		a = (struct axis){ 0, 3 };
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

static void write_bar(const struct axis *a, const struct bar *bar, unsigned series, int x,
		      FILE *out)
{
	char text[32];
	double y = bar->ns > 0 ? y_of(a, bar->ns) : BOTTOM;

	fprintf(out, "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" class=\"f%u\"/>\n", x,
		y, BAR, BOTTOM - y, series);
	fprintf(out, "<text x=\"%d\" y=\"%.1f\" class=\"m\">%s</text>\n", x + BAR / 2, y - 6,
		chart_time(bar->ns, "µs", text, sizeof(text)));
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"m b\">%g</text>\n", x + BAR / 2, BOTTOM + 20,
		bar->exits);
}

static void write_groups(const struct chart *c, const struct axis *a, FILE *out)
{
	const int margin = (GROUP - CHART_SERIES * BAR) / 2;

	for (unsigned g = 0; g < CHART_GROUPS; g++) {
		int x = LEFT + (int)g * GROUP;

		for (unsigned s = 0; s < CHART_SERIES; s++)
			write_bar(a, &c->bar[g][s], s, x + margin + (int)s * BAR, out);
		fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"m h\">%s</text>\n", x + GROUP / 2,
			BOTTOM + 48, c->group[g]);
	}
}

/* For those who cannot see it, and those who search in it. */
static void write_description(const struct chart *c, FILE *out)
{
	char text[32];

	fprintf(out, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s.", c->title, c->note);
	for (unsigned g = 0; g < CHART_GROUPS; g++) {
		fprintf(out, " %s:", c->group[g]);
		for (unsigned s = 0; s < CHART_SERIES; s++)
			fprintf(out, " %s %s, exits %g%c", c->series[s],
				chart_time(c->bar[g][s].ns, "µs", text, sizeof(text)),
				c->bar[g][s].exits, s < CHART_SERIES - 1 ? ';' : '.');
	}
	fputs("</desc>\n", out);
}

static void write_legend(const struct chart *c, FILE *out)
{
	fprintf(out,
		"<text x=\"%d\" y=\"24\" class=\"h\">%s</text>\n"
		"<text x=\"%d\" y=\"44\">%s</text>\n",
		LEFT, c->title, LEFT, c->note);
	for (unsigned s = 0; s < CHART_SERIES; s++) {
		int x = LEFT + (int)s * 160;

		fprintf(out,
			"<rect x=\"%d\" y=\"58\" width=\"16\" height=\"16\" class=\"f%u\"/>"
			"<text x=\"%d\" y=\"71\">%s</text>\n",
			x, s, x + 24, c->series[s]);
	}
}

int chart_write(const struct chart *c, const char *path)
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
	      "</style>\n",
	      out);
	write_legend(c, out);
	write_axis(&a, out);
	write_groups(c, &a, out);
	fputs("</svg>\n", out);
	bad = ferror(out);
	bad |= fclose(out) != 0;
	return bad ? -EIO : 0;
}
