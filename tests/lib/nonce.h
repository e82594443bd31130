/* SPDX-License-Identifier: MIT */
/*
 * The nonce: a number that a guest prints and that nobody can know before it runs.
 *
 * A guest may have an 8-byte symbol `nonce`, zero in the image. The tests put a random number into
 * a copy of the image, so that no VMM can pass by printing what it knows. Guests print it as a
 * number: 16 hexadecimal digits, as printf's %016lx does.
 */
#ifndef HARNESS_NONCE_H
#define HARNESS_NONCE_H

#include "types.h"

/*
 * Find the nonce in an image, NAME.bin or NAME.elf, by the list of symbols NAME.sym beside it.
 * Returns 0 with its offset in the file, in bytes; -ENODATA if the guest has no nonce; another
 * negative errno if a file cannot be read, or -EINVAL if the two files do not fit together.
 */
int nonce_find(const char *image, u64 *offset);

/*
 * Make a temporary copy of the image with this nonce, and put the copy's path into out_path (n
 * bytes). Whoever asked removes the copy. Errors as nonce_find(); then there is no copy.
 */
int nonce_patch(const char *image, u64 nonce, char *out_path, size_t n);

/* A random number, never zero: a fresh one or, after nonce_seed(), the next one of that seed. */
u64 nonce_random(void);

/* In a suite's environment: the seed that each of its tests shall have; else each has a fresh one.
 */
#define NONCE_SEED "VMMLAB_SEED"

/* From now on the numbers are those of this seed. */
void nonce_seed(u64 seed);

/* Has one been drawn since? */
bool nonce_was_drawn(void);

/* A fresh seal: digits that whoever has not been told them cannot write. */
#define NONCE_SEAL_SIZE 33
void nonce_seal(char seal[NONCE_SEAL_SIZE]);

#endif
