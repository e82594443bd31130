/* SPDX-License-Identifier: MIT */
#ifndef CONFINE_FILES_H
#define CONFINE_FILES_H

#include <stdbool.h>

/*
 * From now on this thread, and those that it starts, can open no file (given; landlock(7)); what is
 * open stays open. But `file`, if it is not NULL, can be read. tcp: make no connection by TCP and
 * take none; and in any case send no signal to other processes, where the kernel knows how to
 * refuse that. no_new_privs must be set. Returns the version of the kernel's interface; or a
 * negative errno, and nothing has changed: the kernel has no Landlock (ENOSYS, EOPNOTSUPP).
 */
int confine_files(const char *file, bool tcp);

#endif
