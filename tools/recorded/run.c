// SPDX-License-Identifier: MIT
#include "recorded.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "nonce.h"
#include "proc.h"
#include "qemu.h"
#include "show.h"
#include "tasks.h"

#define LIMIT_SECONDS 20
#define ARGS_MAX      12
#define VALUE_MAX     300

/* --- which program, which image --- */

/* BUILD, or below it the tree that was made for this rung or patch: see tools/recorded.sh. */
static void tree_of(const struct recording *rec, char *dir, size_t size)
{
	char value[VALUE_MAX];

	show_format(dir, size, "%s", env_build_dir());
	if (recording_value(rec, "tree", 0, value, sizeof(value)))
		show_append(dir, size, "/record/%s", value);
	else if (recording_value(rec, "patch", 0, value, sizeof(value)))
		show_append(dir, size, "/record/%s", strchr(value, '/') + 1);
}

/* "02/hello64" -> the lab's program and the guest's image; "01" -> the program, image "". */
static int find_files(const struct recording *rec, const char *guest, char *vmm, char *image)
{
	const char *build = env_build_dir();
	char tree[PATH_MAX];

	tree_of(rec, tree, sizeof(tree));
	if (lab_program(lab_number(guest), tree, vmm, PATH_MAX))
		return trouble(vmm, "not built");
	*image = 0;
	if (!strchr(guest, '/')) /* a lab without guests */
		return 0;
	show_format(image, PATH_MAX, "%s/guests/%s.bin", build, guest);
	if (access(image, R_OK))
		show_format(image, PATH_MAX, "%s/guests/%s.elf", build, guest);
	return access(image, R_OK) ? trouble(image, "not built") : 0;
}

/* --- what counts of what it printed --- */

static bool begins(const char *line, const char *with)
{
	line += strspn(line, " ");
	return !strncmp(line, with, strlen(with));
}

/* Does the line begin as one of the head's lines with this key says? */
static bool is_one_of(const struct recording *rec, const char *key, const char *line, char *value)
{
	for (unsigned i = 0; recording_value(rec, key, i, value, VALUE_MAX); i++)
		if (begins(line, value))
			return true;
	return false;
}

/* In a line of the head, \n, \t and \004 (octal) are those characters. Returns the length. */
static size_t unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		if (from[0] != '\\' || !from[1]) {
			*to = *from++;
		} else if (isdigit((unsigned char)from[1])) {
			char digits[4] = { from[1], from[2], from[2] ? from[3] : 0 }, *end;

			*to = (char)strtoul(digits, &end, 8);
			from += 1 + (end - digits);
		} else {
			*to = from[1] == 'n' ? '\n' : from[1] == 't' ? '\t' : from[1];
			from += 2;
		}
	}
	*to = 0;
	return (size_t)(to - text);
}

/* Each B of `# either: A | B` becomes A. */
static void first_of_either(const struct recording *rec, char *text)
{
	static char rest[RECORDING_MAX];
	char value[VALUE_MAX], *b;

	for (unsigned i = 0; recording_value(rec, "either", i, value, sizeof(value)); i++) {
		b = strstr(value, " | ");
		if (!b)
			continue;
		*b = 0;
		b += 3;
		unescape(value);
		unescape(b);
		for (char *at = text; (at = strstr(at, b)); at += strlen(value)) {
			show_format(rest, sizeof(rest), "%s", at + strlen(b));
			show_format(at, (size_t)(text + RECORDING_MAX - at), "%s%s", value, rest);
		}
	}
}

/* How long is the time at p, as in `   1.234 ms`? 0: there is none. */
static size_t time_at(const char *p)
{
	size_t n = strspn(p, " "), whole = strspn(p + n, "0123456789"), part;

	if (!whole || p[n + whole] != '.')
		return 0;
	n += whole + 1;
	part = strspn(p + n, "0123456789");
	return part && !strncmp(p + n + part, " ms", 3) ? n + part + 3 : 0;
}

/* Append a line, or what counts of it. */
static void append_plain(const struct recording *rec, const char *line, size_t len, char *to)
{
	char value[VALUE_MAX];
	size_t n = strlen(to);

	if (is_one_of(rec, "maybe", line, value))
		return;
	if (is_one_of(rec, "vary", line, value)) {
		show_append(to, RECORDING_MAX, "%s ~\n", value);
		return;
	}
	for (size_t i = 0; i < len && n < RECORDING_MAX - 3;) {
		size_t time = time_at(line + i);

		to[n++] = time ? '~' : line[i];
		i += time ? time : 1;
	}
	to[n++] = '\n';
	to[n] = 0;
}

static void plain(const struct recording *rec, const char *text, char *to)
{
	static char copy[RECORDING_MAX];
	const char *line = copy;

	show_format(copy, sizeof(copy), "%s", text);
	first_of_either(rec, copy);
	*to = 0;
	for (size_t len; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		append_plain(rec, line, len, to);
	}
}

bool recording_agrees(const struct recording *rec, const char *text, const char *now)
{
	static char a[RECORDING_MAX], b[RECORDING_MAX];

	plain(rec, text, a);
	plain(rec, now, b);
	return !strcmp(a, b);
}

/* Append what the head wants to keep of the output. */
static void append_wanted(const struct recording *rec, const char *out, size_t max, char *now)
{
	char value[VALUE_MAX];
	bool all = !recording_value(rec, "only", 0, value, sizeof(value));

	for (size_t len; *out && max; out += len, max -= len) {
		len = strcspn(out, "\n");
		len += out[len] == '\n';
		len = len < max ? len : max;
		if (all || is_one_of(rec, "only", out, value))
			show_append(now, RECORDING_MAX, "%.*s", (int)len, out);
	}
}

/* --- running it --- */

static void merge(void *arg)
{
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

static int compose(const struct recording *rec, const char *filter, const struct proc_result *r,
		   char *now)
{
	if (r->timed_out)
		return trouble(rec->path, "the run did not end in time");
	show_format(now, RECORDING_MAX, RECORDED_STATUS "%d\n", proc_exit_code(r));
	if (!strcmp(filter, "stderr-first"))
		append_wanted(rec, r->err, r->err_len, now);
	append_wanted(rec, r->out, r->out_len, now);
	if (!strcmp(filter, "stderr-first-line"))
		append_wanted(rec, r->err, strcspn(r->err, "\n") + 1, now);
	first_of_either(rec, now);
	return 0;
}

static int run(const struct recording *rec, char *argv[], const char *input, char *now)
{
	struct proc_opts opts = { .limit = LIMIT_SECONDS * env_time_scale(), .stdin_path = input };
	char filter[40];
	struct proc_result r;
	int err;

	recording_value(rec, "filter", 0, filter, sizeof(filter));
	if (!filter[0])
		opts.prepare = merge;
	else if (!is_listed("stdout stderr-first stderr-first-line", filter))
		return trouble(rec->path, "no such filter");
	err = proc_run(argv, &opts, &r);
	err = err ? trouble(argv[0], strerror(-err)) : compose(rec, filter, &r, now);
	proc_free(&r);
	return err;
}

/* The run's words as argv[1] and so on; `disk.img` is the disk, made anew. */
static unsigned arguments(char *words, char *argv[], const char *disk, char *with_disk, size_t size)
{
	char *save = NULL, *word = words, *name;
	unsigned n = 1;

	while ((word = strtok_r(word, " ", &save)) && n <= ARGS_MAX) {
		name = strstr(word, "disk.img");
		if (name) {
			show_format(with_disk, size, "%.*s%s%s", (int)(name - word), word, disk,
				    name + strlen("disk.img"));
			word = with_disk;
		}
		argv[n++] = word;
		word = NULL;
	}
	return n;
}

/* A file with the head's input; /dev/null if there is none. Whoever asked unlinks path. */
static int make_input(const struct recording *rec, char *path, size_t size)
{
	char value[VALUE_MAX];
	size_t n;
	int fd;

	show_format(path, size, "/dev/null");
	if (!recording_value(rec, "stdin", 0, value, sizeof(value)))
		return 0;
	n = unescape(value);
	show_format(path, size, "/tmp/vmmlab-input-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || write(fd, value, n) != (ssize_t)n)
		return trouble(path, strerror(errno));
	return close(fd);
}

/* A copy of the image with the head's nonce, if it has one. */
static int with_nonce(const struct recording *rec, char *image, bool *copied)
{
	char value[VALUE_MAX], copy[PATH_MAX];
	int err;

	*copied = recording_value(rec, "nonce", 0, value, sizeof(value));
	if (!*copied)
		return 0;
	err = nonce_patch(image, strtoull(value, NULL, 0), copy, sizeof(copy));
	if (err)
		return trouble(image, strerror(-err));
	show_format(image, PATH_MAX, "%s", copy);
	return 0;
}

int recording_replay(const struct recording *rec, char now[RECORDING_MAX])
{
	static const struct guest_header has_disk = { .ndevices = 1, .device = { GUEST_BLK } };
	char vmm[PATH_MAX], image[PATH_MAX] = "", words[VALUE_MAX], with_disk[VALUE_MAX], input[64];
	char *argv[ARGS_MAX + 3] = { vmm };
	u8 disk[GUEST_DISK_BYTES];
	const char *disk_path;
	unsigned n;
	bool copied = false;
	int err;

	recording_value(rec, "run", 0, words, sizeof(words));
	disk_path = guest_disk_make(&has_disk);
	n = arguments(words, argv, disk_path, with_disk, sizeof(with_disk));
	if (find_files(rec, words, vmm, image) || with_nonce(rec, image, &copied) ||
	    make_input(rec, input, sizeof(input)))
		return -1;
	/* the first of the words is the guest */
	memmove(argv + 1, argv + 2, (n - 2) * sizeof(*argv));
	argv[n - 1] = *image ? image : NULL;
	argv[n] = NULL;
	err = run(rec, argv, input, now);
	guest_disk_take(&has_disk, disk_path, disk);
	if (copied)
		unlink(image);
	if (strcmp(input, "/dev/null") != 0)
		unlink(input);
	return err;
}
