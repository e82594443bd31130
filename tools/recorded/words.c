// SPDX-License-Identifier: MIT
/*
 * Outputs in the middle of a sentence. A task sheet says what a run says before its task is done:
 *
 *	<!-- recorded: rng-5.0, in words -->
 *	Before, with status 16: `task 5.1 is not done yet`, and `no such device`. After, ...
 *
 * What is in backticks up to "After" is in the recording, and so is the status.
 */
#include "lines.h"
#include "recorded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

bool words_begin(const char *line)
{
	return !strncmp(line, "Before: `", 9) || !strncmp(line, "Before, ", 8);
}

/* The paragraph from line `from` on, as one line, up to "After". */
static void sentence(const struct lines *page, unsigned from, char *text, size_t size)
{
	char *after;

	*text = 0;
	for (unsigned i = from; i < page->n && page->line[i][0]; i++)
		show_append(text, size, "%s ", page->line[i]);
	after = strstr(text, "After");
	if (after)
		*after = 0;
}

bool words_quote(const struct lines *page, unsigned from)
{
	char text[2000];

	sentence(page, from, text, sizeof(text));
	return strchr(text, '`') != NULL;
}

bool words_agree(const struct lines *page, unsigned from, const struct recording *rec, char *what,
		 size_t size)
{
	char text[2000], *save = NULL;
	const char *at;

	sentence(page, from, text, sizeof(text));
	at = strstr(text, "with status ");
	if (at &&
	    strtol(at + 12, NULL, 10) != strtol(rec->text + strlen(RECORDED_STATUS), NULL, 10)) {
		show_format(what, size, "%.14s", at);
		return false;
	}
	strtok_r(text, "`", &save);
	for (char *word; (word = strtok_r(NULL, "`", &save)); strtok_r(NULL, "`", &save)) {
		if (strstr(recording_output(rec), word))
			continue;
		show_format(what, size, "%s", word);
		return false;
	}
	return true;
}
