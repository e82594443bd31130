// SPDX-License-Identifier: MIT
#include "plain.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "paths.h"

/* The character at text, and its length in bytes: 0 for something else than UTF-8. */
static u32 character(const unsigned char *text, size_t *len)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	u32 c = text[0];

	*len = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : 0;
	if ((c & 0xf8) == 0xf0)
		*len = 4;
	if (*len > 1)
		c &= 0x7f >> *len;
	for (size_t i = 1; i < *len; i++) {
		if ((text[i] & 0xc0) != 0x80) {
			*len = 0;
			return 0;
		}
		c = c << 6 | (text[i] & 0x3f);
	}
	if (c < least[*len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		*len = 0;
	return c;
}

/* Does it show itself, and nothing else differently? */
static bool prints(u32 c)
{
	static const struct {
		u32 from, to;
	} not [] = {
		{ 0, 0x1f },	    { 0x7f, 0x9f },	{ 0xad, 0xad },	       { 0x61c, 0x61c },
		{ 0x180e, 0x180e }, { 0x200b, 0x200f }, { 0x2028, 0x202e },    { 0x2060, 0x206f },
		{ 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f },    { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(not ); i++)
		if (c >= not [i].from && c <= not [i].to)
			return false;
	return (c & 0xfffe) != 0xfffe;
}

char *plain(const char *text, size_t max, enum plain_lines lines)
{
	static const char cut[] = " [cut]";
	char *out = malloc(max + sizeof(cut));
	size_t n = 0, len;

	if (!out)
		abort();
	for (; *text; text += len) {
		u32 c = character((const unsigned char *)text, &len);
		bool stays = lines == MANY_LINES && (*text == '\n' || *text == '\t');
		bool blank = strchr("\n\t\r", *text) && !stays;

		if (n + (len ? len : 1) > max)
			break;
		if (stays || (len && prints(c))) {
			memcpy(out + n, text, len);
			n += len;
		} else {
			out[n++] = blank ? ' ' : '?';
			len = len ? len : 1;
		}
	}
	strcpy(out + n, *text ? cut : "");
	return out;
}

char *plain_without_paths(const char *text, size_t max, enum plain_lines lines)
{
	char *copy = strdup(text), *out;

	if (!copy)
		abort();
	paths_shorten(copy);
	out = plain(copy, max, lines);
	free(copy);
	return out;
}

/* = + - @, and the wide forms that some spreadsheets take for them. */
static bool begins_a_formula(const char *text)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
					    "\xef\xbc\xa0" };

	text += strspn(text, " ");
	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (!strncmp(text, wide[i], 3))
			return true;
	return *text && strchr("=+-@", *text);
}

void csv_cell(FILE *f, const char *text)
{
	char *cell = plain(text, PLAIN_CELL, ONE_LINE);
	bool formula = begins_a_formula(cell);
	bool quoted = formula || strpbrk(cell, ",\";") || cell[0] == ' ';

	if (quoted)
		fputc('"', f);
	if (formula)
		fputc('\'', f);
	for (const char *p = cell; *p; p++) {
		if (*p == '"')
			fputc('"', f);
		fputc(*p, f);
	}
	if (quoted)
		fputc('"', f);
	free(cell);
}

void xml_text(FILE *f, const char *text, size_t max, enum plain_lines lines)
{
	char *clean = plain_without_paths(text, max, lines);

	for (const char *p = clean; *p; p++)
		if (strchr("<>&\"'", *p))
			fprintf(f, "&#%d;", *p);
		else
			fputc(*p, f);
	free(clean);
}
