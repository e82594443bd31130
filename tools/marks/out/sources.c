// SPDX-License-Identifier: MIT
#include "sources.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

/* Names that stay below where they begin. */
static bool stays_below(const char *path)
{
	return *path && *path != '/' && strncmp(path, "../", 3) != 0 && !strstr(path, "/../") &&
	       (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static bool read_tokens(struct tokens *t, const char *tree, const char *path)
{
	char name[4096], *text = NULL;
	ssize_t got = -1, n;
	struct stat st;
	int fd;

	show_format(name, sizeof(name), "%s/%s", tree, path);
	fd = stays_below(path) ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    (u64)st.st_size <= SOURCE_BYTES_MAX)
		text = malloc(st.st_size + 1);
	if (text)
		for (got = 0; (n = read(fd, text + got, st.st_size - got)) > 0;)
			got += n;
	if (fd >= 0)
		close(fd);
	if (got >= 0)
		tokens_add(t, text, got);
	free(text);
	return got >= 0;
}

static void hash_file(struct source_file *f, const char *path, const struct tokens *t)
{
	*f = (struct source_file){ path, tokens_hash(t, true), tokens_hash(t, false), t->n };
}

bool source_file_read(struct source_file *f, const char *tree, const char *path)
{
	struct tokens t = { 0 };
	bool there = read_tokens(&t, tree, path);

	hash_file(f, path, &t);
	tokens_free(&t);
	return there;
}

/* Every run of the starter, not only its fingerprints: those depend on what stands beside them. */
static void subtract_starter(struct source *s, const char *starter)
{
	struct fingerprints all = { 0 };

	for (unsigned i = 0; i < s->nfiles; i++) {
		struct tokens t = { 0 };

		if (read_tokens(&t, starter, s->file[i].path))
			winnow(&all, &t, i, WINNOW_K, 1);
		tokens_free(&t);
	}
	fingerprints_sort(&all);
	fingerprints_subtract(&s->prints, &all);
	fingerprints_free(&all);
}

void source_read(struct source *s, const struct record *r, const char *dir, const char *starter)
{
	const json_t *files = record_list(r, "files");
	char own[4096];

	*s = (struct source){ .id = r->id };
	show_format(own, sizeof(own), "%s/%s", dir, r->id);
	for (size_t i = 0; i < json_array_size(files) && s->nfiles < SOURCE_FILES_MAX; i++) {
		const char *path = text_in(json_array_get(files, i), "path");
		struct tokens t = { 0 };

		if (read_tokens(&t, own, path)) {
			winnow(&s->prints, &t, s->nfiles, WINNOW_K, WINNOW_W);
			hash_file(&s->file[s->nfiles++], path, &t);
		}
		tokens_free(&t);
	}
	fingerprints_sort(&s->prints);
	if (starter)
		subtract_starter(s, starter);
}

void source_free(struct source *s)
{
	fingerprints_free(&s->prints);
}
