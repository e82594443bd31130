/* SPDX-License-Identifier: MIT */
/* Where in the sources a program was, by the addresses that it has written: see common/crash.h. */
#ifndef HARNESS_PLACE_H
#define HARNESS_PLACE_H

#include "types.h"

#define PLACE_MAX 160

/*
 * addresses: "0x1a2b3 0x2b3c4", from inside out; what follows is ignored, and so is anything else
 * that an untrusted program may have written. Puts into buf the first place that lies in a lab's
 * file: "blk_request(), labs/05-virtio/blk.c:123"; if there is none, the first one in a test or in
 * common/. Returns false, with buf empty, when no place is found (addr2line may be missing here).
 */
bool place_find(const char *program, const char *addresses, char *buf, size_t size);

/* The addresses in the last line that says what and then " at 0x..."; NULL: there is none. */
const char *place_in(const char *text, const char *what);

#endif
