/* SPDX-License-Identifier: MIT */
/*
 * Task 6.8: a UART sends byte by byte, and one write(2) for each of them is most of what a chatty
 * boot costs. What is printed waits here for the end of its line, or OUTBUF_WAIT_MS; all that the
 * guest prints, by whatever device, comes by here, so that its order stays.
 */
#ifndef OUTBUF_H
#define OUTBUF_H

#include "loop.h"
#include "sink.h"

#define OUTBUF_SIZE    4096
#define OUTBUF_WAIT_MS 20

struct outbuf {
	struct source source;
	struct sink *sink;
	pthread_mutex_t lock; /* of what is below: devices print from any thread */
	u8 bytes[OUTBUF_SIZE];
	unsigned count;
	int timer;  /* a timerfd, on which the I/O thread waits */
	bool armed; /* it will come */
};

/* Given: from now on what goes into the sink waits here. 0 or a negative errno. */
int outbuf_init(struct outbuf *b, struct loop *loop, struct sink *sink);

/*
 * [task 6.8] n bytes that the guest has printed; b->lock is held. They wait behind those that wait
 * already. All of it leaves (outbuf_flush()) as soon as the buffer is full, and when the last of
 * these bytes is a newline. If some are left waiting, outbuf_arm() sees to it that somebody comes.
 * Returns 0, or what outbuf_flush() says.
 */
int outbuf_put(struct outbuf *b, const u8 *bytes, size_t n);

/*
 * [task 6.8] All that waits leaves by one sink_out(); b->lock is held. The buffer is empty
 * afterwards, also if stdout takes no more. Returns what sink_out() says; 0 if nothing waited.
 */
int outbuf_flush(struct outbuf *b);

/* Given: in OUTBUF_WAIT_MS the I/O thread calls outbuf_flush(); if it will anyway, this costs
 * nothing. */
void outbuf_arm(struct outbuf *b);

/* Given: the run is over: the last of it. Returns as outbuf_flush(). */
int outbuf_end(struct outbuf *b);

/* After loop_stop(). */
void outbuf_destroy(struct outbuf *b);

#endif
