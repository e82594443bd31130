// SPDX-License-Identifier: MIT
#include "guest_header.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header being read, and which lines it has had so far. */
struct parser {
	struct guest_header *h;
	bool mode, prints, status, qemu;
};

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Decode up to max digits of the given base at *text and move on. Returns -1 if there is none. */
static int number(const char **text, int base, int max)
{
	int value = 0, digits = 0;

	for (; digits < max; digits++, (*text)++) {
		int digit = hex_digit(**text);

		if (digit < 0 || digit >= base)
			break;
		value = value * base + digit;
	}
	return digits && value <= 0xff ? value : -1;
}

/* The byte that the escape after a backslash stands for, -1 if it is none. Moves *text on. */
static int escape(const char **text)
{
	static const char names[] = "abefnrtv\\\"'", bytes[] = "\a\b\033\f\n\r\t\v\\\"'";
	const char *name;

	if (**text >= '0' && **text <= '7')
		return number(text, 8, 3);
	if (**text == 'x') {
		(*text)++;
		return number(text, 16, 2);
	}
	name = **text ? strchr(names, **text) : NULL;
	if (!name)
		return -1;
	(*text)++;
	return (unsigned char)bytes[name - names];
}

/* Append text, with its escapes decoded, to what the guest prints. */
static int add_prints(struct guest_header *h, const char *text)
{
	char *prints = realloc(h->prints, h->prints_len + strlen(text) + 1);

	if (!prints)
		return -ENOMEM;
	h->prints = prints;
	while (*text) {
		int byte = (unsigned char)*text++;

		if (byte == '\\')
			byte = escape(&text);
		if (byte < 0)
			return -EINVAL;
		prints[h->prints_len++] = byte;
	}
	prints[h->prints_len] = 0;
	return 0;
}

/* Which of n names is it? */
static int which(const char *text, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(text, names[i]) == 0)
			return (int)i;
	return -EINVAL;
}

static int set_mode(struct guest_header *h, const char *text)
{
	static const char *const names[] = { "real", "protected", "long", "bzimage" };
	int mode = which(text, names, ARRAY_SIZE(names));

	if (mode >= 0)
		h->mode = mode;
	return mode < 0 ? mode : 0;
}

static int set_status(struct guest_header *h, const char *text)
{
	char *end;
	unsigned long status = strtoul(text, &end, 10);

	if (end == text || *end || status > 255)
		return -EINVAL;
	h->status = (int)status;
	return 0;
}

static int add_args(struct guest_header *h, char *text)
{
	for (char *arg = strtok(text, " \t"); arg; arg = strtok(NULL, " \t")) {
		if (h->nargs == GUEST_ARGS_MAX)
			return -E2BIG;
		h->args[h->nargs] = strdup(arg);
		if (!h->args[h->nargs])
			return -ENOMEM;
		h->nargs++;
	}
	return 0;
}

static int add_devices(struct guest_header *h, char *text)
{
	static const char *const names[] = { "rng", "console", "blk", "net" };

	for (char *name = strtok(text, ", \t"); name; name = strtok(NULL, ", \t")) {
		int kind = which(name, names, ARRAY_SIZE(names));

		if (kind < 0)
			return kind;
		if (h->ndevices == GUEST_DEVICES_MAX)
			return -E2BIG;
		h->device[h->ndevices++] = kind;
	}
	return 0;
}

static int set_qemu(struct guest_header *h, const char *text)
{
	h->screen = strcmp(text, "q35") == 0;
	h->qemu = h->screen || strcmp(text, "yes") == 0;
	if (h->qemu)
		return 0;
	if (strncmp(text, "no, ", 4) != 0)
		return -EINVAL;
	h->why_not = strdup(text + 4);
	return h->why_not ? 0 : -ENOMEM;
}

/* Notes that a line has been there; it may come once only. */
static int once(bool *seen)
{
	if (*seen)
		return -EEXIST;
	*seen = true;
	return 0;
}

/* The value of the line if it is `# key: value` with this key, else NULL. */
static char *value_of(char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, "# ", 2) != 0 || strncmp(line + 2, key, n) != 0 || line[2 + n] != ':')
		return NULL;
	line += 2 + n + 1;
	return *line == ' ' ? line + 1 : line;
}

static int take_line(struct parser *p, char *line)
{
	char *value;
	int ret;

	if ((value = value_of(line, "mode"))) {
		ret = once(&p->mode);
		return ret ? ret : set_mode(p->h, value);
	}
	if ((value = value_of(line, "prints"))) {
		p->prints = true;
		return add_prints(p->h, value);
	}
	if ((value = value_of(line, "status"))) {
		ret = once(&p->status);
		return ret ? ret : set_status(p->h, value);
	}
	if ((value = value_of(line, "args")))
		return add_args(p->h, value);
	if ((value = value_of(line, "devices")))
		return add_devices(p->h, value);
	if ((value = value_of(line, "qemu"))) {
		ret = once(&p->qemu);
		return ret ? ret : set_qemu(p->h, value);
	}
	return 0;
}

static const char *missing(const struct parser *p)
{
	if (!p->mode)
		return "mode";
	if (!p->prints)
		return "prints";
	if (!p->status)
		return "status";
	return p->qemu ? NULL : "qemu";
}

/* Read the comment lines that the file begins with. */
static int read_lines(FILE *f, struct parser *p, const char *path, char *why, size_t n)
{
	char *line = NULL;
	size_t size = 0;
	int ret = 0;

	for (unsigned at = 1; !ret && getline(&line, &size, f) > 0 && line[0] == '#'; at++) {
		line[strcspn(line, "\r\n")] = 0;
		ret = take_line(p, line);
		if (ret == -EEXIST)
			snprintf(why, n, "%s:%u: a second line of this kind", path, at);
		else if (ret)
			snprintf(why, n, "%s:%u: not understood: %s", path, at, line);
	}
	free(line);
	if (!ret && missing(p)) {
		snprintf(why, n, "%s: no line \"# %s:\" in the comment at its top", path,
			 missing(p));
		ret = -ENODATA;
	}
	return ret;
}

int guest_header_read(const char *path, struct guest_header *h, char *why, size_t n)
{
	struct parser p = { .h = h };
	FILE *f = fopen(path, "re");
	int ret;

	memset(h, 0, sizeof(*h));
	if (!f) {
		ret = -errno;
		snprintf(why, n, "%s: %s", path, strerror(-ret));
		return ret;
	}
	ret = read_lines(f, &p, path, why, n);
	fclose(f);
	if (ret)
		guest_header_free(h);
	return ret;
}

void guest_header_free(struct guest_header *h)
{
	free(h->prints);
	free(h->why_not);
	for (unsigned i = 0; i < h->nargs; i++)
		free(h->args[i]);
	memset(h, 0, sizeof(*h));
}
