/* SPDX-License-Identifier: MIT */
#ifndef CP437_H
#define CP437_H

#include <stdio.h>

#include "types.h"

/* Given: print the PC's character c (code page 437) as UTF-8. */
void cp437_put(u8 c, FILE *out);

#endif
