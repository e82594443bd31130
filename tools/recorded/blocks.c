// SPDX-License-Identifier: MIT
/*
 * The blocks of output in task sheets and chapters. The line before each says where it is from:
 *
 *	<!-- recorded: NAME -->		all lines of book/recorded/NAME.txt, in their order
 *	<!-- recorded: NAME, part -->	some of them, one after the other
 *	<!-- not replayed: why -->	a run all the same; which test holds it?
 *	<!-- not a run: why -->
 *
 * A line `...` stands for any number of lines. `, without times` leaves out the columns of times,
 * `, empty lines squeezed` makes one of any number of those. In a console block a line that begins
 * with `$ ` is a command and says how the run is had; what follows `$ echo $?` is its status. A
 * chapter may also have the whole of a recording by literalinclude; then its caption is looked at.
 */
#include "lines.h"
#include "recorded.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "show.h"

#define NAMES_MAX 400

/* The text under way, and what is to be written instead. */
struct page {
	const char *path;
	struct lines all;
	char out[4 * RECORDING_MAX];
	bool write, changed;
	unsigned problems;
	char *used; /* one byte for each recording: is it shown anywhere? */
	const glob_t *recordings;
};

/* One block: the lines from first up to end, which is the closing fence. */
struct block {
	unsigned first, end;
	bool part, times, squeezed; /* times: they are there */
	struct recording *rec;
};

static void problem(struct page *p, unsigned line, const char *what, const char *which)
{
	printf("%s:%u: %s%s\n", p->path, line + 1, what, which);
	p->problems++;
}

static void emit(struct page *p, const char *line)
{
	show_append(p->out, sizeof(p->out), "%s\n", line);
}

/* --- what the recording says, as this block shows it --- */

static void expected(const struct block *b, struct lines *to)
{
	static char text[RECORDING_MAX];
	unsigned n = 0;

	show_format(text, sizeof(text), "%s", recording_output(b->rec));
	split(text, to);
	for (unsigned i = 0; i < to->n; i++) {
		if (!b->times)
			to->line[i][without_times(to->line[i])] = 0;
		if (!b->squeezed || to->line[i][0] || !n || to->line[n - 1][0])
			to->line[n++] = to->line[i];
	}
	to->n = n;
}

/* --- commands --- */

static bool is_command(const char *line)
{
	return !strncmp(line, "$ ", 2) || !strncmp(line, "> ", 2) || !strncmp(line, "# ", 2);
}

/* Without ` ENGINE=...`, which may stand in any command. */
static void check_command(struct page *p, unsigned at, const char *line, const struct block *b)
{
	char want[400], plain[400], *engine;

	recording_command(b->rec, want, sizeof(want));
	show_format(plain, sizeof(plain), "%s", line);
	engine = strstr(plain, " ENGINE=");
	if (engine)
		memmove(engine, engine + 1 + strcspn(engine + 1, " "),
			strlen(engine + 1 + strcspn(engine + 1, " ")) + 1);
	if (strstr(plain, "./lab run") && !strstr(plain, want))
		problem(p, at, "the recording is of another command: ", want);
}

/* --- comparing, and making it as it should be --- */

static bool is_gap(const char *line)
{
	return !strcmp(line, "...");
}

/* The lines from i on up to the next gap, command or the end of the block. */
static unsigned stretch_end(const struct page *p, const struct block *b, unsigned i)
{
	while (i < b->end && !is_gap(p->all.line[i]) && !is_command(p->all.line[i]))
		i++;
	return i;
}

static void differs(struct page *p, const struct block *b, unsigned at, const char *want)
{
	if (p->write)
		return;
	problem(p, at, "is not as recorded in ", b->rec->path);
	printf("  here      %s\n  recorded  %s\n", p->all.line[at], want);
}

/* One stretch; returns where the recording goes on. With all, it is all that is left of it. */
static unsigned check_stretch(struct page *p, const struct block *b, unsigned first, unsigned end,
			      const struct lines *want, unsigned from, bool moves, bool all)
{
	unsigned n = end - first, count = n;
	int at = find(p->all.line + first, n, want, from, moves);

	if (all && !moves) { /* the whole of it, whatever that is now */
		at = (int)from;
		count = want->n - from;
	} else if (at < 0) {
		problem(p, first, "these lines are not in ", b->rec->path);
		at = (int)from;
		count = 0;
		for (unsigned i = first; i < end; i++)
			emit(p, p->all.line[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		const char *now = want->line[(unsigned)at + i];

		emit(p, now);
		if (i >= n || strcmp(p->all.line[first + i], now) != 0) {
			differs(p, b, i < n ? first + i : end, now);
			p->changed = true;
			if (!p->write)
				break;
		}
	}
	if (count < n && at + (int)count == (int)want->n && all && !moves) {
		differs(p, b, first + count, "(nothing more)");
		p->changed = true;
	}
	return (unsigned)at + count;
}

static void check_block(struct page *p, const struct block *b)
{
	static struct lines want;
	unsigned at = 0, i = b->first;
	bool gap = b->part;
	char status[8];

	expected(b, &want);
	show_format(status, sizeof(status), "%s", b->rec->text + strlen(RECORDED_STATUS));
	status[strcspn(status, "\n")] = 0;
	while (i < b->end) {
		char *line = p->all.line[i];

		if (is_gap(line)) {
			gap = true;
		} else if (is_command(line)) {
			check_command(p, i, line, b);
		} else {
			unsigned end = stretch_end(p, b, i);
			bool last = end == b->end || !strcmp(p->all.line[end], "$ echo $?");

			at = check_stretch(p, b, i, end, &want, at, gap, last && !b->part);
			if (last && !b->part && at < want.n)
				problem(p, end, "the recording goes on: ", want.line[at]);
			gap = false;
			i = end;
			continue;
		}
		emit(p, line);
		if (!strcmp(line, "$ echo $?") && i + 1 < b->end) {
			if (strcmp(p->all.line[++i], status) != 0)
				differs(p, b, i, status);
			emit(p, status);
		}
		i++;
	}
}

/* --- finding the blocks --- */

/* Is it a block of output, and not of code, a figure...? */
static bool is_output(const struct page *p, unsigned fence, unsigned end)
{
	const char *language = p->all.line[fence] + strspn(p->all.line[fence], "`");

	if (!strcmp(language, "text") || !*language)
		return true;
	if (strcmp(language, "console") != 0)
		return false;
	for (unsigned i = fence + 1; i < end; i++)
		if (!is_command(p->all.line[i]))
			return true;
	return false;
}

static bool use(struct page *p, const char *name, struct recording *rec)
{
	char path[200];

	show_format(path, sizeof(path), RECORDINGS "/%s.txt", name);
	for (size_t i = 0; i < p->recordings->gl_pathc; i++)
		if (!strcmp(p->recordings->gl_pathv[i], path)) {
			p->used[i] = 1;
			return !recording_read(rec, path);
		}
	return false;
}

/* Why there is no recording: is there a reason, and are the files there that it names? */
static void check_reason(struct page *p, unsigned at, char *text)
{
	char *save = NULL, *word = strtok_r(text, " ,;", &save);

	if (!strcmp(word, "--"))
		problem(p, at, "why?", "");
	for (; word; word = strtok_r(NULL, " ,;", &save))
		if (strchr(word, '/') && access(word, R_OK) < 0)
			problem(p, at, "no such file: ", word);
}

/* The block between the fences; returns false if it could not be compared. */
static bool by_marker(struct page *p, unsigned fence, unsigned end)
{
	static struct recording rec;
	struct block b = { fence + 1, end, false, true, false, &rec };
	const char *marker = fence ? p->all.line[fence - 1] : "";
	char text[200], *word, *save = NULL;

	if (sscanf(marker, "<!-- not a run: %199[^>]", text) == 1 ||
	    sscanf(marker, "<!-- not replayed: %199[^>]", text) == 1) {
		check_reason(p, fence - 1, text);
		return false;
	}
	if (sscanf(marker, "<!-- recorded: %199[^>]", text) != 1) {
		problem(p, fence, "a block of output without a line before it such as ",
			"<!-- recorded: NAME --> (see tools/recorded/blocks.c)");
		return false;
	}
	*strstr(text, " --") = 0;
	word = strtok_r(text, ",", &save);
	if (!use(p, word, &rec)) {
		problem(p, fence - 1, "no such recording: ", word);
		return false;
	}
	while ((word = strtok_r(NULL, ",", &save))) {
		b.part |= !strcmp(word, " part");
		if (!strcmp(word, " without times"))
			b.times = false;
		else if (!strcmp(word, " empty lines squeezed"))
			b.squeezed = true;
		else if (strcmp(word, " part") != 0)
			problem(p, fence - 1, "no such word in a marker:", word);
	}
	check_block(p, &b);
	return true;
}

/* A literalinclude of a recording: is its caption the command? */
static void by_include(struct page *p, unsigned fence, unsigned end)
{
	static struct recording rec;
	struct block b = { .rec = &rec };
	const char *line = p->all.line[fence], *at = strstr(line, "} recorded/");
	char name[80];

	if (!at)
		return;
	at += strlen("} recorded/");
	show_format(name, sizeof(name), "%.*s", (int)strcspn(at, "."), at);
	if (!use(p, name, &rec)) {
		problem(p, fence, "no such recording: ", name);
		return;
	}
	for (unsigned i = fence + 1; i < end; i++)
		if (!strncmp(p->all.line[i], ":caption:", 9))
			check_command(p, i, p->all.line[i], &b);
}

/* The line before such a sentence names its recording. */
static void by_words(struct page *p, unsigned at)
{
	static struct recording rec;
	char name[100], what[300];

	if (!words_begin(p->all.line[at]) || !words_quote(&p->all, at))
		return;
	if (at && !strncmp(p->all.line[at - 1], "<!-- not replayed: ", 19))
		return;
	if (!at || sscanf(p->all.line[at - 1], "<!-- recorded: %99[^, ], in words -->", name) != 1)
		problem(p, at, "no line before it such as <!-- recorded: NAME, in words -->", "");
	else if (!use(p, name, &rec))
		problem(p, at, "no such recording: ", name);
	else if (!words_agree(&p->all, at, &rec, what, sizeof(what)))
		problem(p, at, "that is not recorded: ", what);
}

static void check_page(struct page *p)
{
	unsigned end;

	p->out[0] = 0;
	for (unsigned i = 0; i < p->all.n; i++) {
		char *line = p->all.line[i];
		bool done = false;

		emit(p, line);
		by_words(p, i);
		if (strncmp(line, "```", 3) != 0)
			continue;
		for (end = i + 1; end < p->all.n && strcmp(p->all.line[end], "```") != 0;)
			end++;
		if (strstr(line, "{literalinclude}"))
			by_include(p, i, end);
		else if (is_output(p, i, end))
			done = by_marker(p, i, end);
		for (unsigned k = i + 1; !done && k < end; k++)
			emit(p, p->all.line[k]);
		emit(p, "```");
		i = end;
	}
}

/* `# figure: FILE`: the picture in the output is that file. */
static bool is_figure(struct page *p, const struct recording *rec)
{
	static char is[RECORDING_MAX];
	char path[200];
	const char *want = strstr(rec->text, "<svg");

	if (!recording_value(rec, "figure", 0, path, sizeof(path)))
		return false;
	if (want && !file_read(path, is, sizeof(is)) && strcmp(is, want) != 0 &&
	    (!p->write || file_write(path, want))) {
		printf("%s: is not the picture in %s\n", path, rec->path);
		p->problems++;
	}
	return true;
}

/* What no block shows is a figure, or there for words: `# shown: in words, sheet 2.6`. */
static void check_unused(struct page *p)
{
	static struct recording rec;
	char where[8];

	for (size_t i = 0; i < p->recordings->gl_pathc; i++) {
		if (p->used[i] || recording_read(&rec, p->recordings->gl_pathv[i]) ||
		    is_figure(p, &rec) || recording_value(&rec, "shown", 0, where, sizeof(where)))
			continue;
		printf("%s: is shown nowhere\n", rec.path);
		p->problems++;
	}
}

unsigned blocks_check(bool write)
{
	static char used[NAMES_MAX], text[4 * RECORDING_MAX];
	static glob_t pages, recordings;
	static struct page p;

	if (glob("{labs/*/README.md,book/*.md}", GLOB_BRACE, NULL, &pages) ||
	    glob(RECORDINGS "/*.txt", 0, NULL, &recordings) || recordings.gl_pathc > NAMES_MAX)
		return (unsigned)-trouble(RECORDINGS, "no sheets, or no recordings (or too many)");
	p.write = write;
	p.used = used;
	p.recordings = &recordings;
	for (size_t i = 0; i < pages.gl_pathc; i++) {
		p.path = pages.gl_pathv[i];
		p.changed = false;
		if (file_read(p.path, text, sizeof(text))) {
			p.problems++;
			continue;
		}
		split(text, &p.all);
		check_page(&p);
		if (write && p.changed && !file_write(p.path, p.out))
			printf("%s: now as recorded\n", p.path);
	}
	check_unused(&p);
	globfree(&pages);
	globfree(&recordings);
	return p.problems;
}
