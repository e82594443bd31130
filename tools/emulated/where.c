// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "emulated.h"
#include "place.h"

#define ITSELF	"the hypervisor itself: "
#define AT	" at RIP "
#define CALLERS " called from "

void said_add(struct said *s, char c)
{
	if (s->used < sizeof(s->text) - 1)
		s->text[s->used++] = c;
}

static void print_place(const char *words, const char *text, const char *before, const char *image)
{
	const char *at = strstr(text, before);
	char place[PLACE_MAX];

	if (at && place_find(image, at + strlen(before), place, sizeof(place)))
		fprintf(stderr, "hv:   %s %s\n", words, place);
}

void said_where(const struct said *s, const char *image)
{
	const char *line = strstr(s->text, ITSELF);

	if (!line)
		return;
	print_place("that is in", line, AT, image);
	print_place("called from", line, CALLERS, image);
}
