// SPDX-License-Identifier: MIT
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void words_add(struct words *w, const char *text)
{
	if (w->n == w->room) {
		size_t room = w->room ? 2 * w->room : 64;
		char **item = realloc(w->item, room * sizeof(*item));

		if (!item)
			return;
		w->item = item;
		w->room = room;
	}
	w->item[w->n] = strdup(text);
	w->n += w->item[w->n] != NULL;
	w->sorted = false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct words *w)
{
	if (!w->sorted && w->n)
		qsort(w->item, w->n, sizeof(*w->item), by_text);
	w->sorted = true;
}

bool words_have(struct words *w, const char *text)
{
	sort(w);
	return w->n && bsearch(&text, w->item, w->n, sizeof(*w->item), by_text);
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->item[i]);
	free(w->item);
	*w = (struct words){ 0 };
}

int words_read(struct words *w, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return -errno;
	while (getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		words_add(w, line);
	}
	free(line);
	fclose(f);
	return 0;
}

int words_write(struct words *w, const char *path)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	sort(w);
	for (size_t i = 0; i < w->n; i++)
		if (!i || strcmp(w->item[i], w->item[i - 1]) != 0)
			fprintf(f, "%s\n", w->item[i]);
	return fclose(f) ? -errno : 0;
}
