/* SPDX-License-Identifier: MIT */
/* A guest's image, and its memory before it begins. */
#ifndef GUEST_LOAD_H
#define GUEST_LOAD_H

#include "hv.h"

/*
 * What kind of image is it? An ELF64 file begins in long mode at its entry point, any other is
 * flat: real mode at GUEST_FLAT. 0; -ENOEXEC: an ELF file for something else, said in a line.
 */
int load_kind(const u8 *image, u64 size, enum guest_mode *mode, u64 *entry);

/*
 * Clear the guest's memory, and put the image there; for GUEST_LONG also the GDT and the page
 * tables of machine_map.h: the first GiB, as it is. 0; -ENOSPC: it does not fit, said in a line.
 */
int load_image(const struct guest *guest, enum guest_mode mode, const u8 *image, u64 size);

#endif
