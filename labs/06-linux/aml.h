/* SPDX-License-Identifier: MIT */
/*
 * AML, the byte code of ACPI's definition blocks (ACPI 6.4, chapter 20), as far as a list of
 * devices needs it: names, numbers, and packages whose length stands before them.
 */
#ifndef AML_H
#define AML_H

#include "types.h"

#define AML_MAX 4096

struct aml {
	u8 code[AML_MAX];
	unsigned len; /* bytes; above AML_MAX: there was no room */
};

void aml_byte(struct aml *a, u8 byte);
void aml_number(struct aml *a, u64 n);		   /* the shortest of 20.2.3's forms */
void aml_string(struct aml *a, const char *text);  /* a string */
void aml_segment(struct aml *a, const char *name); /* 20.2.2: four letters, filled with _ */
void aml_name(struct aml *a, const char *name);	   /* Name (name, ...: the value follows */
void aml_u32(struct aml *a, u32 word);		   /* four bytes, as they are */

/*
 * Something of which the length comes first (20.2.4, PkgLength): begin says where it starts, and
 * end [task 6.6], when all of it is there, moves it up and puts the length before it.
 */
unsigned aml_begin(const struct aml *a);
void aml_end(struct aml *a, unsigned begin);

#endif
