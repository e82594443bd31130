// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "bus.h"
#include "todo.h"

int bus_add(struct bus *bus, u64 base, u64 len, struct device *dev)
{
	if (len == 0 || base > UINT64_MAX - len)
		return -EINVAL;
	for (unsigned i = 0; i < bus->nwindows; i++) {
		const struct window *w = &bus->window[i];

		if (base < w->base + w->len && w->base < base + len)
			return -EEXIST;
	}
	if (bus->nwindows == BUS_WINDOWS_MAX)
		return -ENOSPC;
	bus->window[bus->nwindows++] = (struct window){ .base = base, .len = len, .dev = dev };
	dev->lock = bus->lock;
	return 0;
}

void device_lock(struct device *dev)
{
	if (dev->lock)
		pthread_mutex_lock(dev->lock);
}

void device_unlock(struct device *dev)
{
	if (dev->lock)
		pthread_mutex_unlock(dev->lock);
}

enum verdict device_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	enum verdict verdict;

	device_lock(dev);
	verdict = dev->io(dev, write, off, data, size);
	device_unlock(dev);
	return verdict;
}

/* [book:2.5] */
/* TASK 2.5 */
#if SOL >= 205
static const struct window *find(const struct bus *bus, u64 addr, unsigned size)
{
	for (unsigned i = 0; i < bus->nwindows; i++) {
		const struct window *w = &bus->window[i];

		if (addr >= w->base && size <= w->len && addr - w->base <= w->len - size)
			return w;
	}
	return NULL;
}
#endif

/* TASK 2.6 */
#if SOL >= 206
static enum verdict split(struct bus *bus, u64 addr, bool write, u8 *data, unsigned size)
{
	enum verdict verdict = V_RESUME;

	for (unsigned i = 0; i < size && verdict == V_RESUME; i++)
		verdict = bus_io(bus, addr + i, write, data + i, 1);
	return verdict;
}
#endif

enum verdict bus_io(struct bus *bus, u64 addr, bool write, void *data, unsigned size)
{
	/* TASK 2.5 */
#if SOL >= 205
	const struct window *w = find(bus, addr, size);

	if (w) {
		return device_io(w->dev, write, addr - w->base, data, size);
	}
#else
	return (TODO("2.5"), V_ERROR);
#endif
	/* TASK 2.6 */
#if SOL >= 206
	if (size > 1)
		return split(bus, addr, write, data, size);
#else
	if (size > 1)
		return (TODO("2.6"), V_ERROR);
#endif
	if (!write)
		memset(data, 0xff, size);
	return V_RESUME;
}
/* [book:end] */
