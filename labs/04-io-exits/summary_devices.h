/* SPDX-License-Identifier: MIT */
#ifndef SUMMARY_DEVICES_H
#define SUMMARY_DEVICES_H

#include "input.h"
#include "options.h"
#include "vga.h"

/*
 * After the run: who ended it, the text screen on stderr, --screen. Returns status, or 1 when
 * status was 0 and something that was asked for could not be shown.
 */
int sum_up_devices(int status, struct vga *vga, const struct input *input,
		   const struct options *opt);

#endif
