/* SPDX-License-Identifier: MIT */
#ifndef SINK_H
#define SINK_H

#include "types.h"

/*
 * Stdout, where all leaves that the guest prints, by whatever device. The VMM never waits in
 * write(): whoever should read may have stopped, and the run must be able to end all the same.
 */
struct sink {
	int err;     /* 0, or the negative errno with which stdout took no more */
	bool blocks; /* write() would wait: ask poll() before it */
	bool lost;   /* the run was over while nobody read: all from there on went nowhere */
	/* Asked whenever stdout has no room: is the run over? NULL: it never is. */
	bool (*over)(void *over_ctx);
	void *over_ctx;
	/* Stdout takes no more: the run should end. NULL: it does, by what who writes returns. */
	void (*failed)(void *failed_ctx);
	void *failed_ctx;
};

/* With over and failed NULL. */
void sink_init(struct sink *sink);

/*
 * n bytes leave, at once and in the order of the calls, which hold vm->lock: while nobody reads,
 * the guest waits. Returns sink->err. (sink is a struct sink; void, as a struct charline has it.)
 */
int sink_write(void *sink, const void *bytes, size_t n);

#endif
