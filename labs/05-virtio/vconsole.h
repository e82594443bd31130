/* SPDX-License-Identifier: MIT */
/*
 * Task 5.5: a console of two queues, one for each direction (virtio 1.2, 5.3): port 0 and no other.
 * A whole line leaves by one notification, where the UART of lab 04 makes an exit of each byte.
 * What is outside is at the other end of a character line, as there.
 */
#ifndef VCONSOLE_H
#define VCONSOLE_H

#include "charline.h"
#include "virtio.h"

#define VCONSOLE_ID	 3
#define VCONSOLE_RX	 0	/* the queues: the driver's empty buffers, for what is typed, */
#define VCONSOLE_TX	 1	/* and full ones, to be shown */
#define VCONSOLE_TX_MAX	 MiB(1) /* bytes of one buffer that are shown; a guest may ask for 4 GiB */
#define VCONSOLE_F_SIZE	 (1ULL << 0)
#define VCONSOLE_F_EMERG (1ULL << 2)

/* 5.3.4 */
struct vconsole_config {
	u16 cols, rows; /* of the terminal; 0: nobody knows */
	u32 max_nr_ports;
	u32 emerg_wr; /* what is written here is shown, queues or not */
};

struct vconsole {
	struct virtio virtio;
	struct vconsole_config config;
	/* For what comes in next, if has_buffer. Its pointers cannot be saved: who copies
	 * virtio.state gives it back first, by one less in next_avail. */
	struct chain buffer;
	bool has_buffer;
	u64 dropped; /* bytes that were not shown, beyond VCONSOLE_TX_MAX */
	struct charline line;
};

/* Given: the device after reset, with nobody at the other end of its line. */
void vconsole_init(struct vconsole *vc, struct mem *mem);

/*
 * [task 5.5] The driver has notified the queue. VCONSOLE_TX: show each buffer there is, in order,
 * and give it back with nothing written; then one interrupt for all. VCONSOLE_RX:
 * charline_room_again(), if there is room now.
 *
 * A writable buffer in the transmit queue, or a readable one in the receive queue, is against
 * 5.3.6.1: virtio_break().
 */
void vconsole_notify(struct virtio *v, unsigned queue);

/*
 * [task 5.5] line.room(): how many bytes may arrive now, what the driver's next receive buffer
 * holds. Takes that buffer from the queue and keeps it (buffer, has_buffer) until something comes.
 * 0 without one; and with one, if the device is not live or the queue not ready: the memory is the
 * driver's again.
 */
u64 vconsole_room(struct charline *line);

/*
 * [task 5.5] line.receive(): len bytes arrive. They go into one buffer, as many as it holds, and it
 * goes back to the driver with an interrupt. Returns how many were taken, 0 if there was no room.
 */
u64 vconsole_receive(struct charline *line, const void *bytes, u64 len);

/*
 * Given: the terminal has this size now. If that is new, ConfigGeneration is, too, and a driver
 * that has accepted VCONSOLE_F_SIZE is told (5.3.6); others have not asked to be.
 */
void vconsole_resize(struct vconsole *vc, u16 cols, u16 rows);

#endif
