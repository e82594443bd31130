/* SPDX-License-Identifier: MIT */
/* What an object file of gas says of itself (ELF64, relocatable). */
#ifndef MARKS_OBJECT_H
#define MARKS_OBJECT_H

#include "types.h"

struct symbol {
	const char *name;
	bool missing;	   /* it is another object's */
	bool is_global;	   /* others can see it */
	bool data_in_code; /* what is called data lies where code does */
};

/*
 * Call each(symbol, arg) for every symbol that has a name. Returns 0, -EINVAL for what is no such
 * file, or 1 if it wants a stack that holds code.
 */
int object_symbols(const char *path, void (*each)(const struct symbol *s, void *arg), void *arg);

#endif
