/* SPDX-License-Identifier: MIT */
#ifndef IMAGE_ELF_H
#define IMAGE_ELF_H

#include "image.h"

/* The ELF half of image.c. Both look at image->bytes and image->size only. */
bool image_is_elf(const struct image *image);

/* Fill kind, entry, PVH entry and segments. 0, or -ENOEXEC with why set. */
int image_parse_elf(struct image *image, struct why *why);

#endif
