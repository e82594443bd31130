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

/*
 * What no compiler makes of C, one line in `what` ("" if there is nothing): a section by which a
 * linker would do more than link (gcc's plugin compiles what .gnu.lto_* hold, behind all that looks
 * at objects; of a .rela.text that is loaded come relocations of the program), and, unless it is
 * for the metal, code that calls the kernel by itself. Code is read from the first instruction on:
 * a jump into the middle of one is not seen. Returns 0 or a negative errno.
 */
int object_oddity(const char *path, bool metal, char *what, size_t size);

#endif
