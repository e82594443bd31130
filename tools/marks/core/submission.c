// SPDX-License-Identifier: MIT
#include "submission.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"
#include "tasks.h"

/* A place in a submission where a wanted file was found. */
struct found {
	char *data;
	size_t bytes;
	unsigned which; /* of wanted */
	unsigned type;
	u64 size;
	char *prefix; /* what stands before "labs/": the way to the tree */
};

#define FOUND_MAX 1000

struct reader {
	struct submission *s;
	struct found found[FOUND_MAX];
	unsigned nfound, members;
	struct found *open; /* the one whose data come */
};

/* --- which files --- */

static int add_path(struct wanted *w, const char *path)
{
	for (unsigned k = 0; k < w->count; k++)
		if (!strcmp(w->path[k], path))
			return 0;
	if (w->count == WANTED_MAX)
		return -E2BIG;
	show_format(w->path[w->count++], sizeof(w->path[0]), "%s", path);
	return 0;
}

static int add_wanted(struct wanted *w, const char *dir, const struct task *task)
{
	char name[120], path[200];
	int ret = 0;

	for (unsigned i = 0; list_item(task->files, i, name, sizeof(name)) && !ret; i++) {
		show_format(path, sizeof(path), "%s/%s", dir, name);
		ret = add_path(w, path);
	}
	return ret;
}

/* What a bare lab takes of others. */
static int add_borrowed(struct wanted *w, const char *dir)
{
	char list[400], *save = NULL;
	int ret = 0;

	lab_says(dir, "bare", "", list, sizeof(list));
	for (char *path = strtok_r(list, " ", &save); path && !ret;
	     path = strtok_r(NULL, " ", &save))
		ret = add_path(w, path);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

int wanted_of(struct wanted *w, unsigned lab, char *why, size_t size)
{
	char alone[200], dir[200];
	struct tasks t;
	int ret;

	w->count = 0;
	ret = tasks_load(&t, lab, why, size);
	if (ret)
		return ret;
	lab_says(t.dir, "alone", "", alone, sizeof(alone));
	for (unsigned n = alone[0] ? lab : 1; n <= lab && !ret; n++) {
		if (lab_find(n, dir, sizeof(dir)))
			continue;
		lab_says(dir, "alone", "", alone, sizeof(alone));
		if (n != lab && alone[0])
			continue;
		ret = tasks_load(&t, n, why, size);
		for (unsigned i = 0; i < t.count && !ret; i++)
			ret = add_wanted(w, t.dir, &t.task[i]);
	}
	if (!ret && !lab_find(lab, dir, sizeof(dir)))
		ret = add_borrowed(w, dir);
	if (ret == -E2BIG)
		show_format(why, size, "the tasks name more than %d files", WANTED_MAX);
	qsort(w->path, w->count, sizeof(w->path[0]), by_name);
	return ret;
}

/* --- whose --- */

static bool strip(char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	if (len <= n || strcasecmp(name + len - n, end) != 0)
		return false;
	name[len - n] = 0;
	return true;
}

/* Without the ending of an archive: is there one? */
static bool strip_end(char *name)
{
	static const char *const ends[] = { ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tgz",
					    ".txz",    ".tbz2",	  ".tbz",     ".tar",	  ".zip",
					    ".git",    ".7z",	  ".rar" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (strip(name, ends[i]))
			return true;
	return false;
}

int submission_id(const char *path, char id[ID_MAX])
{
	size_t len = strlen(path), from;

	while (len && path[len - 1] == '/')
		len--;
	for (from = len; from && path[from - 1] != '/'; from--)
		;
	show_format(id, ID_MAX, "%.*s", (int)(len - from), path + from);
	while (strip_end(id)) /* all of them: an id's own id must be that id */
		;
	for (char *p = id; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._@+-", *p))
			*p = '_';
	if (id[0] == '.' || id[0] == '-')
		id[0] = '_';
	return id[0] ? 0 : -EINVAL;
}

/* --- reading --- */

void reader_fail(struct reader *r, const char *why)
{
	if (!r->s->reason[0])
		show_format(r->s->reason, sizeof(r->s->reason), "%s", why);
}

bool reader_failed(const struct reader *r)
{
	return r->s->reason[0];
}

void submission_ignore(struct submission *s, const char *name)
{
	char text[200];

	if (s->nignored == SUBMISSION_IGNORED_MAX) {
		s->more_ignored++;
		return;
	}
	show_format(text, sizeof(text), "%s", name);
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	s->ignored[s->nignored++] = strdup(text);
}

/* Is there a step up or an empty one, or does it begin at the root? */
static bool is_odd(const char *name)
{
	if (*name == '/')
		return true;
	for (const char *p = name; p; p = strchr(p, '/'), p += !!p)
		if (!strncmp(p, "../", 3) || !strcmp(p, ".."))
			return true;
	return false;
}

/* Which of the wanted files has this name, at the end of some way? -1: none. */
static int which(const struct wanted *w, const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < w->count; i++) {
		size_t n = strlen(w->path[i]);

		if (len >= n && !strcmp(name + len - n, w->path[i]) &&
		    (len == n || name[len - n - 1] == '/'))
			return i;
	}
	return -1;
}

bool reader_member(struct reader *r, const char *path, unsigned type, u64 size)
{
	char name[PATH_MAX];
	struct found *f = &r->found[r->nfound];
	int i;

	r->open = NULL;
	if (++r->members > SUBMISSION_MEMBERS_MAX) {
		reader_fail(r, "too many files");
		return false;
	}
	while (!strncmp(path, "./", 2))
		path += 2;
	show_format(name, sizeof(name), "%s", path);
	while (name[0] && name[strlen(name) - 1] == '/') /* a folder's in an archive */
		name[strlen(name) - 1] = 0;
	i = is_odd(path) ? -1 : which(r->s->wanted, name);
	if (i < 0) {
		if (type != S_IFDIR)
			submission_ignore(r->s, name);
		return false;
	}
	if (r->nfound == FOUND_MAX) {
		reader_fail(r, "too many files of the same name");
		return false;
	}
	f->which = i;
	f->type = type;
	f->size = size;
	f->prefix = strndup(name, strlen(name) - strlen(r->s->wanted->path[i]));
	r->nfound++;
	if (type != S_IFREG || size > SUBMISSION_FILE_MAX)
		return false;
	f->data = calloc(1, SUBMISSION_FILE_MAX + 1);
	r->open = f->data ? f : NULL;
	return r->open;
}

void reader_data(struct reader *r, const void *data, size_t len)
{
	struct found *f = r->open;

	if (!f)
		return;
	if (len > SUBMISSION_FILE_MAX - f->bytes) { /* larger than it said */
		f->size = SUBMISSION_FILE_MAX + 1;
		r->open = NULL;
		return;
	}
	memcpy(f->data + f->bytes, data, len);
	f->bytes += len;
}

static unsigned depth(const char *prefix)
{
	unsigned n = 0;

	for (; *prefix; prefix++)
		n += *prefix == '/';
	return n;
}

/* The shortest way to a wanted file; NULL: there is none, or there are two. */
static const char *choose_prefix(struct reader *r)
{
	const char *best = NULL;
	bool two = false;

	for (unsigned i = 0; i < r->nfound; i++) {
		const char *prefix = r->found[i].prefix;

		if (!best || depth(prefix) < depth(best)) {
			best = prefix;
			two = false;
		} else if (depth(prefix) == depth(best) && strcmp(prefix, best) != 0) {
			two = true;
		}
	}
	if (two)
		reader_fail(r,
			    "there are two trees with the same files, and no telling which counts");
	else if (!best)
		reader_fail(
			r, "none of the files is there that the tasks name, such as labs/.../vm.c");
	return two ? NULL : best;
}

static void take(struct reader *r, struct found *f)
{
	struct submission *s = r->s;
	struct submitted *to = &s->file[f->which];
	const char *path = s->wanted->path[f->which];
	char why[300] = "";

	if (to->data)
		show_format(why, sizeof(why), "%s: it is there twice", path);
	else if (f->type != S_IFREG)
		show_format(why, sizeof(why), "%s: %s, no regular file", path,
			    f->type == S_IFLNK ? "a link" : "something odd");
	else if (f->size > SUBMISSION_FILE_MAX)
		show_format(why, sizeof(why), "%s: larger than %llu KiB", path,
			    (unsigned long long)SUBMISSION_FILE_MAX >> 10);
	else if (!f->data)
		show_format(why, sizeof(why), "%s: it cannot be read", path);
	if (why[0]) {
		reader_fail(r, why);
		return;
	}
	to->data = f->data;
	to->bytes = f->bytes;
	f->data = NULL;
	sha256_of(to->data, to->bytes, to->sha256);
}

/* All members have been seen. */
static void settle(struct reader *r)
{
	struct submission *s = r->s;
	const char *prefix = reader_failed(r) ? NULL : choose_prefix(r);
	char text[300];

	for (unsigned i = 0; i < r->nfound && prefix; i++) {
		struct found *f = &r->found[i];

		if (!strcmp(f->prefix, prefix)) {
			take(r, f);
		} else {
			show_format(text, sizeof(text), "%s%s", f->prefix,
				    s->wanted->path[f->which]);
			submission_ignore(s, text);
		}
	}
	for (unsigned i = 0; i < s->wanted->count && prefix; i++) {
		if (s->file[i].data)
			continue;
		show_format(text, sizeof(text), "%s: missing", s->wanted->path[i]);
		reader_fail(r, text);
	}
	for (unsigned i = 0; i < r->nfound; i++) {
		free(r->found[i].data);
		free(r->found[i].prefix);
	}
}

void submission_take(struct submission *s, int fd, void (*read)(struct reader *r, int fd))
{
	static struct reader r;

	r = (struct reader){ .s = s };
	read(&r, fd);
	settle(&r);
}

void submission_free(struct submission *s)
{
	for (unsigned i = 0; i < WANTED_MAX; i++)
		free(s->file[i].data);
	for (unsigned i = 0; i < s->nignored; i++)
		free(s->ignored[i]);
	*s = (struct submission){ 0 };
}
