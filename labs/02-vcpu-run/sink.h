/* SPDX-License-Identifier: MIT */
#ifndef SINK_H
#define SINK_H

#include "run.h"

/*
 * Stdout, where all leaves that the guest prints, by whatever device. The VMM never waits in
 * write(): whoever should read may have stopped, and the run must be able to end all the same.
 */
struct sink {
	int err;	 /* 0, or the negative errno with which stdout took no more */
	bool blocks;	 /* write() would wait: ask poll() before it */
	bool lost;	 /* the run was cut off while nobody read: all from there on went nowhere */
	struct run *run; /* that it ends if stdout takes no more, and in which it may wait */
	int (*hold)(void *ctx, const void *bytes, size_t n); /* lab 06: who keeps it for a while */
	void *hold_ctx;
};

void sink_init(struct sink *sink, struct run *run);

/*
 * n bytes leave, at once and in the order of the calls. While nobody reads, the guest waits, and
 * its device's lock is held all the time: the device is amid a request, and nobody may reset it. So
 * who cuts the run off must do without that lock: run_end() takes none. Returns sink->err. (sink is
 * a struct sink; void, as this is a callback of lab 04's devices.)
 */
int sink_write(void *sink, const void *bytes, size_t n);

/* The same for who has kept it: past sink.hold. */
int sink_out(struct sink *sink, const void *bytes, size_t n);

#endif
