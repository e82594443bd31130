/* SPDX-License-Identifier: MIT */
/*
 * What tools/linked.sh has found in the objects of the labs that a unit suite is linked with: what
 * could run before the tests, take the place of what they call, or speak in their name. It lies
 * beside the suite, in SUITE-faults, a line each.
 */
#ifndef HARNESS_LINKED_H
#define HARNESS_LINKED_H

#include <stdbool.h>
#include <stddef.h>

/* Has somebody looked? If not, the suite is not to be believed. */
bool linked_was_checked(const char *suite);

/* The first fault in buf, "" if there is none; all of them on standard output. */
void linked_say_faults(const char *suite, char *buf, size_t size);

#endif
