/* SPDX-License-Identifier: MIT */
/*
 * Texts that come from a submission, on their way into a file that somebody reads: a name, what a
 * program printed, what the compiler said. Whatever they hold, they come out as printable UTF-8 in
 * one line, without control characters, without what turns the direction of writing, cut to a
 * length, and without the paths of the machine that graded.
 */
#ifndef MARKS_PLAIN_H
#define MARKS_PLAIN_H

#include <stdio.h>

#include "types.h"

#define PLAIN_CELL 400	   /* bytes of a cell, of a message */
#define PLAIN_LOG  KiB(64) /* bytes of what the compiler said */

enum plain_lines { ONE_LINE, MANY_LINES };

/*
 * A new text for the caller to free: at most max bytes of it, then " [cut]". ONE_LINE: newlines and
 * tabs become blanks; MANY_LINES: they stay. A byte that is no UTF-8, and a character that does not
 * print, becomes '?'.
 */
char *plain(const char *text, size_t max, enum plain_lines lines);

/*
 * The same without the directories of absolute paths: /tmp/x/labs/02-vcpu-run/vm.c is
 * labs/02-vcpu-run/vm.c, /root/secret is secret. What every Linux has stays (/dev, /proc, /sys,
 * /usr/include).
 */
char *plain_without_paths(const char *text, size_t max, enum plain_lines lines);

/* A cell of a CSV file, without what comes after it: RFC 4180's quotes where they are needed, and
 * nothing that a spreadsheet takes for a formula. */
void csv_cell(FILE *f, const char *text);

/* A text in XML, between elements or in an attribute with double quotes. */
void xml_text(FILE *f, const char *text, size_t max, enum plain_lines lines);

#endif
