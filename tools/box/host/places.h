/* SPDX-License-Identifier: MIT */
/* Where things are on this machine; for the box and for doctor, which says what the box will find.
 */
#ifndef PLACES_H
#define PLACES_H

#include <limits.h>
#include <stdbool.h>

/* The program of that name in $PATH. False: there is none. */
bool program_find(const char *name, char path[PATH_MAX]);

/*
 * Where saved machines are kept, $XDG_CACHE_HOME/vmmlab or $HOME/.cache/vmmlab, whether it is there
 * yet or not (`./lab clean` empties it: tools/build.sh). False: neither is set.
 */
bool cache_place(char path[PATH_MAX]);

#endif
