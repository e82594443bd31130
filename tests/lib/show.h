/* SPDX-License-Identifier: MIT */
/*
 * Values as people read them. Every function writes a NUL-terminated printable ASCII text into
 * buf (cut to size when it must be) and returns buf, so that calls can stand inside a printf.
 */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include "types.h"

#define SHOW_MAX 160 /* enough for every value below */

/* 0x48 (72, 'H'); small numbers stay plain. */
char *show_u64(char *buf, size_t size, u64 value);

/* 0, or -14 EFAULT (Bad address). */
char *show_err(char *buf, size_t size, long err);

/* An exit status: 3 (the guest died), 139 (killed by SIGSEGV). */
char *show_status(char *buf, size_t size, int status);

/* len bytes with C escapes and quotes; the window around byte `at` when they do not all fit. */
char *show_text(char *buf, size_t size, const char *text, size_t len, size_t at);

/* Up to 16 bytes in hex from byte `from` on, then the same as characters: 48 69   "Hi" */
char *show_bytes(char *buf, size_t size, const void *bytes, size_t len, size_t from);

/* snprintf for a text that may be cut: compilers do not warn that it could be. */
void show_format(char *buf, size_t size, const char *fmt, ...) PRINTF(3, 4);

/* The same at the end of the text that is in buf already. */
void show_append(char *buf, size_t size, const char *fmt, ...) PRINTF(3, 4);

#endif
