// SPDX-License-Identifier: MIT
#include "aml.h"

#include <string.h>

#include "todo.h"

void aml_byte(struct aml *a, u8 byte)
{
	if (a->len < AML_MAX)
		a->code[a->len] = byte;
	a->len++;
}

void aml_u32(struct aml *a, u32 word)
{
	for (unsigned i = 0; i < 4; i++)
		aml_byte(a, (u8)(word >> 8 * i));
}

void aml_number(struct aml *a, u64 n)
{
	if (n <= 1) {
		aml_byte(a, (u8)n); /* ZeroOp, OneOp */
	} else if (n <= 0xff) {
		aml_byte(a, 0x0a);
		aml_byte(a, (u8)n);
	} else if (n <= 0xffff) {
		aml_byte(a, 0x0b);
		aml_byte(a, (u8)n);
		aml_byte(a, (u8)(n >> 8));
	} else {
		aml_byte(a, 0x0c);
		aml_u32(a, (u32)n);
	}
}

void aml_string(struct aml *a, const char *text)
{
	aml_byte(a, 0x0d);
	do
		aml_byte(a, (u8)*text);
	while (*text++);
}

void aml_segment(struct aml *a, const char *name)
{
	for (unsigned i = 0; i < 4; i++)
		aml_byte(a, *name ? (u8)*name++ : '_');
}

void aml_name(struct aml *a, const char *name)
{
	aml_byte(a, 0x08);
	aml_segment(a, name);
}

unsigned aml_begin(const struct aml *a)
{
	return a->len;
}

/* [book:6.6length] */
void aml_end(struct aml *a, unsigned begin)
{
	/* TASK 6.6 */
#if SOL >= 606
	unsigned body = a->len - begin;
	/* The length counts its own bytes, too: one has 6 bits of it; of more, the first has 4. */
	unsigned bytes = body + 1 <= 0x3f ? 1 : body + 2 <= 0xfff ? 2 : 3;
	unsigned length = body + bytes;

	a->len += bytes;
	if (a->len > AML_MAX)
		return;
	memmove(a->code + begin + bytes, a->code + begin, body);
	if (bytes == 1) {
		a->code[begin] = (u8)length;
		return;
	}
	a->code[begin] = (u8)((bytes - 1) << 6 | (length & 0xf));
	for (unsigned i = 1; i < bytes; i++)
		a->code[begin + i] = (u8)(length >> (8 * i - 4));
#else
	TODO("6.6");
#endif
}
/* [book:end] */
