// SPDX-License-Identifier: MIT
/* Tasks 2.5 and 2.6: the bus, and the I/O exit, with a made-up kvm_run page. */
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "nonce.h"
#include "test.h"
#include "verdicts.h"

/* A device that notes how it was called, and answers reads with bytes of its own. */
struct probe {
	struct device dev;
	unsigned calls;
	bool write;
	u64 off;
	unsigned size;
	u8 seen[64];
	unsigned nseen;
	u8 answer[8];
	enum verdict verdict;
	bool unlocked; /* it was called without its lock */
};

static enum verdict probe_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct probe *probe = container_of(dev, struct probe, dev);

	probe->calls++;
	if (dev->lock && pthread_mutex_trylock(dev->lock) == 0) {
		pthread_mutex_unlock(dev->lock);
		probe->unlocked = true;
	}
	probe->write = write;
	probe->off = off;
	probe->size = size;
	if (!write)
		memcpy(data, probe->answer, size);
	else if (probe->nseen + size <= sizeof(probe->seen))
		memcpy(probe->seen + probe->nseen, data, size);
	probe->nseen += write ? size : 0;
	return probe->verdict;
}

static void add(struct bus *bus, struct probe *probe, u64 base, u64 len)
{
	*probe = (struct probe){ .dev.io = probe_io };
	EXPECT_ERR(bus_add(bus, base, len, &probe->dev), 0);
}

TEST("2.5", bus_finds_the_window, 2)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct bus bus = { .lock = &lock };
	struct probe a, b, c;
	u8 data[8] = { 0 };

	add(&bus, &a, 0x100, 8);
	add(&bus, &b, 0x108, 4);
	CONTEXT("two devices, ports 0x100 to 0x107 and 0x108 to 0x10b");
	EXPECT_V(bus_io(&bus, 0x107, true, data, 1), V_RESUME);
	EXPECT_U64(a.calls, 1);
	EXPECT_U64(a.off, 7);
	EXPECT_TRUE(a.write && a.size == 1);
	bus_io(&bus, 0x108, true, data, 4);
	EXPECT_U64(b.calls, 1);
	EXPECT_U64(b.off, 0);
	EXPECT_U64(b.size, 4);
	bus_io(&bus, 0x104, false, data, 4);
	EXPECT_U64(a.calls, 2);
	EXPECT_U64(a.off, 4);
	EXPECT_TRUE(!a.write);
	add(&bus, &c, 0x203, 5);
	CONTEXT("a window of 5 ports from 0x203 on: 0x206 is its offset 3");
	bus_io(&bus, 0x206, true, data, 2);
	EXPECT_U64(c.calls, 1);
	EXPECT_U64(c.off, 3);
	CONTEXT("device_io() has the device's lock meanwhile, and lets it go");
	EXPECT_TRUE(!a.unlocked && !b.unlocked, "a device is called without its lock");
	EXPECT_TRUE(pthread_mutex_trylock(&lock) == 0, "the lock is still held");
}

TEST("2.5", nobody_reads_as_all_ones, 1)
{
	struct bus bus = { .nwindows = 0 };
	struct probe a;
	u8 data[2] = { 0x12, 0x34 };

	add(&bus, &a, 0x100, 1);
	CONTEXT("ports 0xff and 0x101 are next to a device, but nobody's");
	EXPECT_V(bus_io(&bus, 0x101, false, data, 1), V_RESUME);
	EXPECT_U64(data[0], 0xff);
	EXPECT_U64(data[1], 0x34);
	data[0] = 0x12;
	bus_io(&bus, 0xff, false, data, 1);
	EXPECT_U64(data[0], 0xff);
	EXPECT_V(bus_io(&bus, 0x101, true, data, 1), V_RESUME);
	CONTEXT("nor is the last address of all, behind which a sum wraps");
	EXPECT_V(bus_io(&bus, UINT64_MAX, true, data, 1), V_RESUME);
	EXPECT_U64(a.calls, 0);
}

TEST("2.6", wide_access_is_split_into_bytes, 1)
{
	struct bus bus = { .nwindows = 0 };
	struct probe a, b;
	u8 data[4] = { 1, 2, 3, 4 };

	add(&bus, &a, 0x100, 1);
	add(&bus, &b, 0x102, 1);
	CONTEXT("4 bytes at 0x100, where 0x100 and 0x102 are devices and the others nobody's");
	EXPECT_V(bus_io(&bus, 0x100, true, data, 4), V_RESUME);
	EXPECT_U64(a.calls, 1);
	EXPECT_U64(a.seen[0], 1);
	EXPECT_U64(b.calls, 1);
	EXPECT_U64(b.seen[0], 3);
	a.answer[0] = 0xaa;
	b.answer[0] = 0xbb;
	bus_io(&bus, 0x100, false, data, 4);
	EXPECT_BYTES(data, ((u8[]){ 0xaa, 0xff, 0xbb, 0xff }), 4);
}

TEST("2.6", a_verdict_amid_an_access, 1)
{
	struct vm vm = { .fd = -1 };
	struct vcpu vcpu = { .vm = &vm, .run = calloc(1, 8192) };
	struct probe a, b, c;
	u8 data[4] = { 1, 2, 3, 4 };

	add(&vm.pio, &a, 0x100, 1);
	add(&vm.pio, &b, 0x101, 1);
	add(&vm.pio, &c, 0x102, 1);
	b.verdict = V_EXIT;
	CONTEXT("4 bytes to port 0x100, each of another device; the second says V_EXIT: that is "
		"the verdict of them all, and the third gets nothing");
	EXPECT_V(bus_io(&vm.pio, 0x100, true, data, 4), V_EXIT);
	EXPECT_U64(a.calls, 1);
	EXPECT_U64(b.calls, 1);
	EXPECT_U64(c.calls, 0);
	vcpu.run->io.direction = KVM_EXIT_IO_OUT;
	vcpu.run->io.port = 0x101;
	vcpu.run->io.size = 1;
	vcpu.run->io.count = 3;
	vcpu.run->io.data_offset = 4096;
	CONTEXT("rep outsb of 3 bytes to a device that says V_EXIT to the first: the others stay");
	EXPECT_V(exit_io(&vcpu, NULL), V_EXIT);
	EXPECT_U64(b.calls, 2);
}

TEST("2.6", string_io_by_count_and_size, 2)
{
	struct vm vm = { .fd = -1 };
	struct vcpu vcpu = { .vm = &vm };
	struct probe a;
	u8 *page = calloc(1, 8192);
	u32 offset = 4096 + 16 * (u32)(nonce_random() % 16);
	u32 count = 3 + (u32)(nonce_random() % 5);

	vcpu.run = (struct kvm_run *)page;
	vcpu.run->exit_reason = KVM_EXIT_IO;
	vcpu.run->io.direction = KVM_EXIT_IO_OUT;
	vcpu.run->io.port = 0x200;
	vcpu.run->io.size = 2;
	vcpu.run->io.count = count;
	vcpu.run->io.data_offset = offset;
	for (u32 i = 0; i < 2 * count; i++)
		page[offset + i] = (u8)nonce_random();
	add(&vm.pio, &a, 0x200, 4);
	CONTEXT("rep outsw: %u words to port 0x200, data_offset %u", count, offset);
	EXPECT_V(exit_io(&vcpu, NULL), V_RESUME);
	EXPECT_U64(a.calls, count);
	EXPECT_U64(a.off, 0);
	EXPECT_U64(a.size, 2);
	EXPECT_BYTES(a.seen, page + offset, 2 * (size_t)count);
	CONTEXT("rep insw: %u words from port 0x200", count);
	vcpu.run->io.direction = KVM_EXIT_IO_IN;
	memcpy(a.answer, "\x34\x12", 2);
	EXPECT_V(exit_io(&vcpu, NULL), V_RESUME);
	for (u32 i = 0; i < count; i++)
		EXPECT_BYTES(page + offset + 2 * (size_t)i, "\x34\x12", 2);
	EXPECT_U64(page[offset + 2 * count], 0);
	vcpu.run->io.size = 4;
	memcpy(a.answer, "\x78\x56\x34\x12", 4);
	CONTEXT("rep insl: %u times 4 bytes from port 0x200", count);
	EXPECT_V(exit_io(&vcpu, NULL), V_RESUME);
	for (u32 i = 0; i < count; i++)
		EXPECT_BYTES(page + offset + 4 * (size_t)i, "\x78\x56\x34\x12", 4);
	EXPECT_U64(page[offset + 4 * count], 0);
	vcpu.run->io.direction = KVM_EXIT_IO_OUT;
	vcpu.run->io.size = 1;
	vcpu.run->io.count = 3000;
	a.calls = 0;
	CONTEXT("rep outsb of 3000 bytes, which KVM can hand over at once");
	EXPECT_V(exit_io(&vcpu, NULL), V_RESUME);
	EXPECT_U64(a.calls, 3000);
}
