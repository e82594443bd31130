/* SPDX-License-Identifier: MIT */
#ifndef VERSION_H
#define VERSION_H

/* Of the course, as in the file VERSION at the top: what --version prints. */
#define VMMLAB_VERSION "vmmlab 1.1.0"

#endif
