/* SPDX-License-Identifier: MIT */
/* What every fuzzer here needs: the input, taken from its front, and a check that is always there.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdlib.h>
#include <string.h>

#include "types.h"

/* Not assert(): it must hold also when NDEBUG is set. */
static inline void must(bool condition)
{
	if (!condition)
		abort();
}

struct input {
	const u8 *data;
	size_t left;
};

/* The next n bytes, at most 8, as a number; zeros when the input is used up. */
static inline u64 take(struct input *in, size_t n)
{
	u64 value = 0;
	size_t have = min_u64(n, in->left);

	if (have)
		memcpy(&value, in->data, have);
	in->data += have;
	in->left -= have;
	return value;
}

#endif
