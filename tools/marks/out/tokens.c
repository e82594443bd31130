// SPDX-License-Identifier: MIT
#include "tokens.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char *const keywords[] = {
	"auto",	    "break",  "case",	"char",	    "const",  "continue", "default",
	"do",	    "double", "else",	"enum",	    "extern", "float",	  "for",
	"goto",	    "if",     "inline", "int",	    "long",   "register", "return",
	"short",    "signed", "sizeof", "static",   "struct", "switch",	  "typedef",
	"unsigned", "union",  "void",	"volatile", "while",
};

/* Where we are in the text. */
struct reader {
	const char *p, *end;
	unsigned line;
	struct tokens *to;
};

static u32 hash(const char *text, size_t len)
{
	u32 h = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

static void put(struct reader *r, u32 shape, const char *text, size_t len)
{
	struct tokens *t = r->to;

	if ((t->n & (t->n + 1)) == 0 || !t->token) { /* full: n is 0, 1, 3, 7... */
		t->token = realloc(t->token, 2 * (t->n + 1) * sizeof(*t->token));
		if (!t->token)
			abort();
	}
	t->token[t->n++] = (struct token){ shape, hash(text, len), r->line };
}

static char next(const struct reader *r, size_t ahead)
{
	return (size_t)(r->end - r->p) > ahead ? r->p[ahead] : 0;
}

/* Go on, counting lines. */
static void step(struct reader *r, size_t n)
{
	for (; n && r->p < r->end; n--)
		r->line += *r->p++ == '\n';
}

static bool skip_comment(struct reader *r)
{
	if (next(r, 0) != '/' || (next(r, 1) != '*' && next(r, 1) != '/'))
		return false;
	if (next(r, 1) == '/') {
		while (r->p < r->end && next(r, 0) != '\n')
			step(r, 1);
		return true;
	}
	step(r, 2);
	while (r->p < r->end && !(next(r, 0) == '*' && next(r, 1) == '/'))
		step(r, 1);
	step(r, 2);
	return true;
}

/* #include names headers, and all have the same ones. */
static bool skip_include(struct reader *r)
{
	static const char word[] = "include";
	size_t n = 1;

	if (next(r, 0) != '#')
		return false;
	while (next(r, n) == ' ' || next(r, n) == '\t')
		n++;
	if ((size_t)(r->end - r->p) < n + strlen(word) || memcmp(r->p + n, word, strlen(word)) != 0)
		return false;
	while (r->p < r->end && next(r, 0) != '\n')
		step(r, 1);
	return true;
}

static void quoted(struct reader *r, char quote)
{
	const char *from = r->p;
	size_t n = 1;

	while (from + n < r->end && from[n] != quote && from[n] != '\n')
		n += from[n] == '\\' && from + n + 1 < r->end ? 2 : 1;
	n += from + n < r->end && from[n] == quote;
	put(r, quote, from, n);
	step(r, n);
}

static void word(struct reader *r)
{
	u32 shape = isdigit((unsigned char)*r->p) ? '0' : 'a';
	size_t n = 0;

	while (r->p + n < r->end && (isalnum((unsigned char)r->p[n]) || r->p[n] == '_'))
		n++;
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (strlen(keywords[i]) == n && !memcmp(keywords[i], r->p, n))
			shape = hash(r->p, n);
	put(r, shape, r->p, n);
	step(r, n);
}

void tokens_add(struct tokens *t, const char *text, size_t len)
{
	struct reader r = { .p = text, .end = text + len, .line = 1, .to = t };

	while (r.p < r.end) {
		unsigned char c = *r.p;

		if (isspace(c)) {
			step(&r, 1);
		} else if (skip_comment(&r) || skip_include(&r)) {
			continue;
		} else if (c == '"' || c == '\'') {
			quoted(&r, c);
		} else if (isalnum(c) || c == '_') {
			word(&r);
		} else {
			put(&r, c, r.p, 1);
			step(&r, 1);
		}
	}
}

void tokens_free(struct tokens *t)
{
	free(t->token);
	*t = (struct tokens){ 0 };
}

u64 tokens_hash(const struct tokens *t, bool exact)
{
	u64 h = 14695981039346656037ull;

	for (size_t i = 0; i < t->n; i++)
		h = (h ^ (exact ? t->token[i].exact : t->token[i].shape)) * 1099511628211ull;
	return h;
}
