/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_KIND_H
#define IMAGE_KIND_H

#include "image.h"

/* As much of a file as these tests look at, bytes from its beginning (the volume descriptor of an
 * ISO image comes last). A text is told by that much, too.
 */
#define IMAGE_HEAD KiB(36)

/*
 * Is this plainly something else than a guest for this VMM? All kinds are in one table, by what
 * they begin with: a kernel for another loader, a program for an operating system, a disk, a text.
 * Looks at image->bytes and size (the head is enough), and, of ELF files, at what
 * image_parse_elf() has found.
 * Returns 0 with why->text empty: no. 0 with a text: it may run, but this should be said first.
 * -ENOEXEC with a text: it cannot run; what it is, and what it would need.
 */
int image_other_kind(const struct image *image, struct why *why);

#endif
