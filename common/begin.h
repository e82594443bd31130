/* SPDX-License-Identifier: MIT */
#ifndef BEGIN_H
#define BEGIN_H

#include "image.h"
#include "options.h"

/*
 * What each VMM does first: it makes the standard streams safe (streams.h), reads the command line
 * into opt (lab as for options_parse()), opens the files that it asks for, reads the guest image,
 * and decides how and where it starts (image->mode, image->start). The machine will have RAM as
 * --memory says, but for the hole in [hole, hole_end) (guest-physical; equal: no hole). All is said
 * that is to be said, on stderr. Returns whether there is a guest to run: then the caller closes
 * the image. False: *status is the status to leave with: 0 (--help), 1 or 2 (a usage error).
 */
bool begin(struct options *opt, struct image *image, int argc, char **argv, unsigned lab, u64 hole,
	   u64 hole_end, int *status);

#endif
