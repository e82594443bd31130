// SPDX-License-Identifier: MIT
/* What compilers call by themselves, and a few more. */
#include <string.h>

#include "types.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
	return start;
}

void *memset(void *at, int value, size_t n)
{
	void *start = at;
	u64 words = n / 8, eight = 0x0101010101010101 * (u8)value;

	/* By eight: an emulator that shows each instruction of REP takes its time for a guest's
	 * memory. */
	n %= 8;
	__asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(eight) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(value) : "memory");
	return start;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s)
		return memcpy(to, from, n);
	for (volatile size_t i = n; i > 0; i--)
		d[i - 1] = s[i - 1];
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

void *memchr(const void *s, int value, size_t n)
{
	for (const u8 *p = s; n > 0; n--, p++)
		if (*p == (u8)value)
			return (void *)p;
	return NULL;
}
