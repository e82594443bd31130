// SPDX-License-Identifier: MIT
#include "show.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void show_format(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, size, fmt, ap);
	va_end(ap);
}

void show_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	if (len < size)
		vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

char *show_u64(char *buf, size_t size, u64 value)
{
	unsigned long long v = value;

	if (v < 10)
		snprintf(buf, size, "%llu", v);
	else if (v > ' ' && v < 0x7f)
		snprintf(buf, size, "0x%llx (%llu, '%c')", v, v, (int)v);
	else
		snprintf(buf, size, "0x%llx (%llu)", v, v);
	return buf;
}

char *show_err(char *buf, size_t size, long err)
{
	const char *name = err < 0 ? strerrorname_np(-err) : NULL;

	snprintf(buf, size, "%ld", err);
	if (name)
		snprintf(buf, size, "-%s (%ld, %s)", name, err, strerror(-err));
	return buf;
}

char *show_status(char *buf, size_t size, int status)
{
	const char *words = NULL;
	const char *sig = status > 128 && status < 128 + 65 ? sigabbrev_np(status - 128) : NULL;

	if (status == 1)
		words = "the VMM failed";
	else if (status == 2)
		words = "usage";
	else if (status == 3)
		words = "the guest died";
	else if (status == 124)
		words = "the time limit";
	snprintf(buf, size, "%d", status);
	if (words)
		show_append(buf, size, " (%s)", words);
	else if (sig)
		show_append(buf, size, " (killed by SIG%s)", sig);
	return buf;
}

#define ESCAPED 8 /* bytes: room for one byte as text, and its end */

/* One byte with C escapes; returns its length. Octal, so that a following digit is harmless. */
static int escape(char out[ESCAPED], unsigned char c)
{
	static const char plain[] = "\n\r\t\"\\", letter[] = "nrt\"\\";
	const char *p = c ? strchr(plain, c) : NULL;

	if (p)
		return snprintf(out, ESCAPED, "\\%c", letter[p - plain]);
	if (c >= ' ' && c < 0x7f)
		return snprintf(out, ESCAPED, "%c", c);
	return snprintf(out, ESCAPED, c ? "\\%03o" : "\\0", c);
}

char *show_text(char *buf, size_t size, const char *text, size_t len, size_t at)
{
	size_t room = size > 16 ? size - 12 : 0; /* for quotes and dots */
	size_t from = at > room / 2 && len > room / 2 ? at - room / 2 : 0, used = 0;
	char one[ESCAPED];

	snprintf(buf, size, "%s\"", from ? "..." : "");
	for (size_t i = from; i < len; i++) {
		used += escape(one, text[i]);
		if (used > room) {
			show_append(buf, size, "\"...");
			return buf;
		}
		/* "\0" before a digit would read as another character */
		if (!text[i] && i + 1 < len && text[i + 1] >= '0' && text[i + 1] <= '7')
			strcpy(one, "\\000");
		show_append(buf, size, "%s", one);
	}
	show_append(buf, size, "\"");
	return buf;
}

char *show_bytes(char *buf, size_t size, const void *bytes, size_t len, size_t from)
{
	const unsigned char *p = bytes;
	size_t n = len - from > 16 ? 16 : len - from;
	char text[80];

	snprintf(buf, size, "%s", len ? "" : "nothing");
	for (size_t i = 0; i < n; i++)
		show_append(buf, size, "%02x ", p[from + i]);
	if (from + n < len)
		show_append(buf, size, "... ");
	if (n)
		show_append(buf, size, "  %s",
			    show_text(text, sizeof(text), (char *)p + from, n, 0));
	return buf;
}
