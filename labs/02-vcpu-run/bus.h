/* SPDX-License-Identifier: MIT */
#ifndef BUS_H
#define BUS_H

#include <pthread.h>

#include "types.h"
#include "verdict.h"

#define BUS_WINDOWS_MAX 32

/*
 * Embedded in each device's own structure; container_of() leads back. What the device remembers
 * stands apart from such wires, as plain values: to save it is to copy it, a reset is an
 * assignment.
 */
struct device {
	/*
	 * The guest reads or writes size bytes (1 to 8) at offset off, in bytes, from the start of
	 * the device's window; the whole access lies inside the window. A write takes them from
	 * data, a read puts all of them there: what is left out would be the VMM's own memory.
	 */
	enum verdict (*io)(struct device *dev, bool write, u64 off, void *data, unsigned size);
	/* No device runs on two threads at once. From its bus: so far one for all. NULL: none. */
	pthread_mutex_t *lock;
};

/* Given: one access, with the device's lock held. */
enum verdict device_io(struct device *dev, bool write, u64 off, void *data, unsigned size);

/* Given: for who reaches the device in another way. */
void device_lock(struct device *dev);
void device_unlock(struct device *dev);

/* An address space of windows, each of which belongs to a device: ports here, later MMIO too. */
struct bus {
	struct window {
		u64 base, len; /* bytes; base + len does not wrap */
		struct device *dev;
	} window[BUS_WINDOWS_MAX];
	unsigned nwindows;
	pthread_mutex_t *lock; /* that its devices get */
};

/*
 * Let dev answer for len addresses from base on, under the bus's lock. Returns 0; -EINVAL if len is
 * 0 or base + len wraps; -EEXIST if another window overlaps; -ENOSPC if the bus is full.
 */
int bus_add(struct bus *bus, u64 base, u64 len, struct device *dev);

/*
 * [task 2.5] One access of size bytes at addr: find the window that holds it, and device_io().
 * What nobody claims reads as all ones and ignores writes, as on a PC. A port's access has 1, 2 or
 * 4 bytes; one to memory (lab 04) has 1 to 8, and any number of these is as good as another here.
 *
 * [task 2.6] An access that no single window holds is split into bytes, each of which goes its
 * own way: this is how a PC's bus serves a wide access to a narrow device. If one of them ends the
 * run, its verdict is that of the access, and the bytes behind it go nowhere.
 */
enum verdict bus_io(struct bus *bus, u64 addr, bool write, void *data, unsigned size);

#endif
