// SPDX-License-Identifier: MIT
#include "assembly.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show.h"

/* A link or a pipe is none. */
static FILE *open_plain(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* A text of the compiler's, which may say anything: a directive, and a text to the line's end. */
static bool is_text(const char *line)
{
	static const char *const words[] = { ".string", ".ascii", ".asciz", ".base64" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *p = line + strlen(words[i]);

		if (strncmp(line, words[i], strlen(words[i])) != 0 || !isspace((unsigned char)*p))
			continue;
		p += strspn(p, " \t");
		if (*p++ != '"')
			return false;
		while (*p && *p != '"')
			p += *p == '\\' && p[1] ? 2 : 1;
		return *p && !p[1];
	}
	return false;
}

/*
 * Does something go on behind the line, a text or a comment? The next line would read otherwise to
 * the assembler than to us. No compiler writes such a line.
 */
static const char *goes_on(const char *line)
{
	unsigned quotes = 0;
	const char *p = strstr(line, "/*");

	if (p && !strstr(p + 2, "*/"))
		return "a comment over several lines";
	for (p = line; *p; p++) {
		if (*p == '\\' && p[1])
			p++;
		else
			quotes += *p == '"';
	}
	return quotes % 2 ? "a quote that stays open" : NULL;
}

/* Is it a word of the line, whatever its case? gas does not care, either. */
static bool has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = line; (p = strcasestr(p, word)); p += len)
		if ((p == line || (!isalnum((unsigned char)p[-1]) && !strchr("_.$", p[-1]))) &&
		    !isalnum((unsigned char)p[len]) && p[len] != '_')
			return true;
	return false;
}

/* What no compiler writes, and what can hide the rest from us. */
static const char *forbidden(const char *line)
{
	static const char *const words[] = { ".incbin", ".include",  ".macro",	     ".irp",
					     ".irpc",	".altmacro", ".rept",	     ".symver",
					     ".reloc",	".dc",	     ".lto_discard", ".end" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(line, words[i]))
			return words[i];
	return goes_on(line);
}

/* By this a program calls the kernel past its library, and past all that looks there. */
static const char *calls_kernel(const char *line)
{
	static const char *const words[] = { "syscall", "sysenter", "int" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(line, words[i]))
			return words[i];
	return NULL;
}

static bool has_bytes(const char *line)
{
	static const char *const words[] = { ".byte",	 ".2byte",  ".4byte", ".8byte", ".short",
					     ".value",	 ".hword",  ".word",  ".int",	".long",
					     ".quad",	 ".octa",   ".ascii", ".asciz", ".string",
					     ".base64",	 ".fill",   ".space", ".skip",	".uleb128",
					     ".sleb128", ".single", ".float", ".double" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (has_word(line, words[i]))
			return true;
	return false;
}

static void refuse(struct assembly *a, const char *what)
{
	if (what && !a->refused[0])
		show_format(a->refused, sizeof(a->refused), "has inline assembly with %s", what);
}

/* A line that the student wrote: gcc marks where they begin and end. */
static void look_at_own(const char *line, struct words *known, struct assembly *a)
{
	if (words_have(known, line))
		return;
	a->has_own = true;
	refuse(a, calls_kernel(line));
	if (has_bytes(line))
		refuse(a, "bytes that could be any instruction");
}

static void look_at(const char *line, bool own, bool collect, struct words *known,
		    struct assembly *a)
{
	if (own && collect)
		words_add(known, line);
	else if (own)
		look_at_own(line, known, a);
	refuse(a, forbidden(line));
}

static char *trimmed(char *line)
{
	size_t len;

	line[strcspn(line, "\n")] = 0;
	while (isspace((unsigned char)*line))
		line++;
	for (len = strlen(line); len && isspace((unsigned char)line[len - 1]); len--)
		line[len - 1] = 0;
	return line;
}

int assembly_read(const char *path, struct words *known, bool collect, struct assembly *a)
{
	FILE *f = open_plain(path);
	char *text = NULL, *line;
	bool own = false;
	size_t room = 0;

	*a = (struct assembly){ 0 };
	if (!f)
		return -errno;
	while (getline(&text, &room, f) > 0) {
		line = trimmed(text);
		if (!strcmp(line, "#APP") || !strcmp(line, "#NO_APP"))
			own = line[1] == 'A';
		else if (*line == '#')
			refuse(a, goes_on(line));
		else if (*line && (own || !is_text(line)))
			look_at(line, own, collect, known, a);
	}
	free(text);
	fclose(f);
	return 0;
}

static bool is_allowed(const char *name)
{
	static const char *const begins[] = { "labs/", "common/", "/usr/include/", "/usr/lib/gcc/",
					      "<" };

	if (strstr(name, "..") || strlen(name) < 2)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return !strcmp(name + strlen(name) - 2, "//"); /* the working directory, as gcc writes it */
}

int included_elsewhere(const char *path, char *name, size_t size)
{
	FILE *f = open_plain(path);
	char *line = NULL, *file, *end;
	size_t room = 0;
	int n, used;

	name[0] = 0;
	if (!f)
		return -errno;
	while (!name[0] && getline(&line, &room, f) > 0) { /* # 12 "FILE" 1 */
		used = 0;
		if (sscanf(line, "# %d \"%n", &n, &used) != 1 || !used)
			continue;
		file = line + used;
		end = strrchr(file, '"');
		if (end)
			*end = 0;
		if (*file && !is_allowed(file))
			show_format(name, size, "%s", file);
	}
	free(line);
	fclose(f);
	return 0;
}
