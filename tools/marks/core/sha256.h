/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4): files and submissions are known by it. */
#ifndef MARKS_SHA256_H
#define MARKS_SHA256_H

#include "types.h"

#define SHA256_TEXT 65 /* 64 hexadecimal digits and a NUL */

struct sha256 {
	u32 state[8];
	u8 block[64];
	u64 bytes;
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t len);
void sha256_end(struct sha256 *s, char text[SHA256_TEXT]);

/* Of one piece. */
void sha256_of(const void *data, size_t len, char text[SHA256_TEXT]);

#endif
