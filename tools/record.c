// SPDX-License-Identifier: MIT
/*
 * record: the program runs that the book shows, replayed.
 *
 *	record [--check | --write] [FILE...]	default: --check book/recorded/ *.txt
 *
 * A recorded run begins with lines for this tool; the line with the status is the last of them:
 *
 *	# run: 02/hello64 --mode=long	the guest, then options of its lab's vmm; or 01, for the
 *					program of a lab without guests
 *	# filter: stdout		optional: only what is the same on each machine, which is
 *					stdout, or stderr-first-line (stdout and that line)
 *	# status: 0
 *
 * What follows is all of stdout, then stderr. --check compares, --write makes the file anew.
 */
#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "proc.h"
#include "said.h"
#include "show.h"

#define LIMIT_SECONDS 20
#define ARGS_MAX      12
#define FILE_MAX      (64 << 10)
#define HEAD_STATUS   "# status: "

struct recording {
	const char *path;
	char text[FILE_MAX]; /* the file */
	char run[200], filter[40];
	char now[FILE_MAX]; /* what it should be */
};

static int trouble(const char *path, const char *why)
{
	fprintf(stderr, "record: %s: %s\n", path, why);
	return -1;
}

/* The rest of the line after key, in the lines that begin with "# ". */
static void head_line(const char *text, const char *key, char *value, size_t size)
{
	*value = 0;
	while (!strncmp(text, "# ", 2)) {
		size_t len = strcspn(text, "\n"), n = strlen(key);

		if (!strncmp(text, key, n))
			show_format(value, size, "%.*s", (int)(len - n), text + n);
		if (!text[len] || !strncmp(text, HEAD_STATUS, strlen(HEAD_STATUS)))
			return;
		text += len + 1;
	}
}

static int read_recording(struct recording *rec, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return trouble(path, strerror(errno));
	n = fread(rec->text, 1, FILE_MAX - 1, f);
	fclose(f);
	rec->text[n] = 0;
	rec->path = path;
	head_line(rec->text, "# run: ", rec->run, sizeof(rec->run));
	head_line(rec->text, "# filter: ", rec->filter, sizeof(rec->filter));
	if (!rec->run[0])
		return trouble(path, "does not begin with `# run: GUEST OPTIONS`");
	if (rec->filter[0] && strcmp(rec->filter, "stdout") != 0 &&
	    strcmp(rec->filter, "stderr-first-line") != 0)
		return trouble(path, "no such filter");
	return 0;
}

/* "02/hello64" -> the lab's program and the guest's image; "01" -> the program, image "". */
static int find_files(const char *guest, char *vmm, char *image, size_t size)
{
	const char *build = env_build_dir();
	glob_t found;
	char pattern[300];

	show_format(pattern, sizeof(pattern), "%s/labs/%.2s-*/{vmm,vmx-detect}", build, guest);
	if (glob(pattern, GLOB_BRACE, NULL, &found))
		return trouble(pattern, "not built");
	show_format(vmm, size, "%s", found.gl_pathv[0]);
	globfree(&found);
	*image = 0;
	if (!strchr(guest, '/')) /* a lab without guests */
		return 0;
	show_format(image, size, "%s/guests/%s.bin", build, guest);
	if (access(image, R_OK))
		show_format(image, size, "%s/guests/%s.elf", build, guest);
	return access(image, R_OK) ? trouble(image, "not built") : 0;
}

/* Write into rec->now what the file should say, given how the run went. */
static void compose(struct recording *rec, const struct proc_result *r)
{
	int err_len = (int)r->err_len;

	show_format(rec->now, FILE_MAX, "# run: %s\n", rec->run);
	if (rec->filter[0])
		show_append(rec->now, FILE_MAX, "# filter: %s\n", rec->filter);
	if (!strcmp(rec->filter, "stdout"))
		err_len = 0;
	else if (!strcmp(rec->filter, "stderr-first-line"))
		err_len = (int)(strcspn(r->err, "\n") + (strchr(r->err, '\n') != NULL));
	show_append(rec->now, FILE_MAX, HEAD_STATUS "%d\n%s%.*s", proc_exit_code(r), r->out,
		    err_len, r->err);
}

static int replay(struct recording *rec)
{
	struct proc_opts opts = { .limit = LIMIT_SECONDS * env_time_scale() };
	char vmm[300], image[300], words[200], *save = NULL;
	char *argv[ARGS_MAX + 3] = { vmm };
	struct proc_result r;
	unsigned n = 1;
	char *word;
	int err;

	show_format(words, sizeof(words), "%s", rec->run);
	word = strtok_r(words, " ", &save);
	if (!word || find_files(word, vmm, image, sizeof(vmm)))
		return -1;
	while ((word = strtok_r(NULL, " ", &save)) && n <= ARGS_MAX)
		argv[n++] = word;
	argv[n] = *image ? image : NULL;
	err = proc_run(argv, &opts, &r);
	if (!err && !r.timed_out)
		compose(rec, &r);
	if (r.timed_out)
		err = trouble(rec->path, "the run did not end in time");
	else if (err)
		err = trouble(vmm, strerror(-err));
	proc_free(&r);
	return err;
}

static void print_difference(const struct recording *rec)
{
	const char *was = rec->text, *is = rec->now;
	unsigned line = 1;

	for (;; line++) {
		size_t a = strcspn(was, "\n"), b = strcspn(is, "\n");

		if (a != b || strncmp(was, is, a) != 0 || !was[a] || !is[b]) {
			printf("%s differs in line %u\n  recorded  %.*s\n  now       %.*s\n",
			       rec->path, line, (int)a, was, (int)b, is);
			return;
		}
		was += a + 1;
		is += b + 1;
	}
}

static int write_recording(const struct recording *rec)
{
	FILE *f = fopen(rec->path, "we");
	bool bad;

	if (!f)
		return trouble(rec->path, strerror(errno));
	bad = fputs(rec->now, f) == EOF;
	bad |= fclose(f) != 0;
	return bad ? trouble(rec->path, strerror(errno)) : 0;
}

/* 1 if the run is not what the file says, or could not be had. */
static unsigned handle(const char *path, bool write)
{
	static struct recording rec;

	if (read_recording(&rec, path) || replay(&rec))
		return 1;
	if (!strcmp(rec.text, rec.now))
		return 0;
	print_difference(&rec);
	return write ? write_recording(&rec) != 0 : 1;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "check", no_argument, NULL, 'c' },
		{ "write", no_argument, NULL, 'w' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned n = 0, differ = 0;
	bool write = false;
	glob_t found;
	int c;

	said_or_fail("record");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == '?') {
			fputs("usage: record [--check | --write] [FILE...]\n", stderr);
			return 64;
		}
		write = c == 'w';
	}
	for (; optind < argc; optind++, n++)
		differ += handle(argv[optind], write);
	if (n == 0 && glob("book/recorded/*.txt", 0, NULL, &found) == 0) {
		for (; n < found.gl_pathc; n++)
			differ += handle(found.gl_pathv[n], write);
		globfree(&found);
	}
	printf("%u recorded runs, %u differ\n", n, differ);
	return differ || n == 0;
}
