// SPDX-License-Identifier: MIT
/* Task 4.1: the MMIO exit, with a made-up kvm_run page. */
#include <string.h>

#include "mmio.h"
#include "nonce.h"
#include "test.h"
#include "verdicts.h"

/* Notes how it was called, and answers reads with bytes of its own. */
struct probe {
	struct device dev;
	unsigned calls, size;
	bool write;
	u64 off;
	u8 seen[8], answer[8];
	enum verdict verdict;
};

static enum verdict probe_io(struct device *dev, bool write, u64 off, void *data, unsigned size)
{
	struct probe *probe = container_of(dev, struct probe, dev);

	probe->calls++;
	probe->write = write;
	probe->off = off;
	probe->size = size;
	if (write)
		memcpy(probe->seen, data, size);
	else
		memcpy(data, probe->answer, size);
	return probe->verdict;
}

struct fake {
	struct vm vm;
	struct vcpu vcpu;
	struct kvm_run run;
	struct probe probe;
};

#define BASE 0xfea00000ULL
#define LEN  16

static void make(struct fake *f)
{
	u64 random = nonce_random();

	*f = (struct fake){ .vm = { .kvm_fd = -1, .fd = -1 }, .probe.dev.io = probe_io };
	f->vcpu = (struct vcpu){ .vm = &f->vm, .fd = -1, .run = &f->run };
	memcpy(f->probe.answer, &random, 8);
	EXPECT_ERR(bus_add(&f->vm.mmio, BASE, LEN, &f->probe.dev), 0);
	EXPECT_ERR(bus_add(&f->vm.pio, 0xe9, 8, &f->probe.dev), 0);
	mmio_init(&f->vcpu);
}

/* An exit of KVM's; data is what the guest writes, or what lies there before a read. */
static enum verdict leave(struct fake *f, bool write, u64 gpa, unsigned len, const void *data)
{
	f->run.exit_reason = KVM_EXIT_MMIO;
	f->run.mmio.phys_addr = gpa;
	f->run.mmio.is_write = write;
	f->run.mmio.len = len;
	memcpy(f->run.mmio.data, data, 8);
	return f->vcpu.on_exit[KVM_EXIT_MMIO].fn(&f->vcpu, f->vcpu.on_exit[KVM_EXIT_MMIO].ctx);
}

TEST("4.1", mmio_of_each_length, 1)
{
	static const enum verdict ends[] = { V_EXIT, V_DEAD, V_ERROR };
	static const u8 stale[8] = { 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a };
	struct fake f;
	u64 written = nonce_random();

	make(&f);
	for (unsigned len = 1; len <= 8; len++) {
		u64 off = 8 - len;

		CONTEXT("a device of %d bytes; %u bytes are accessed at offset %u", LEN, len,
			(unsigned)off);
		EXPECT_V(leave(&f, true, BASE + off, len, &written), V_RESUME);
		EXPECT_U64(f.probe.calls, 2 * len - 1);
		EXPECT_TRUE(f.probe.write && f.probe.off == off && f.probe.size == len);
		EXPECT_BYTES(f.probe.seen, &written, len);
		EXPECT_V(leave(&f, false, BASE + off, len, stale), V_RESUME);
		EXPECT_TRUE(!f.probe.write && f.probe.off == off && f.probe.size == len);
		EXPECT_BYTES(f.run.mmio.data, f.probe.answer, len);
	}
	CONTEXT("eight writes and eight reads, and each is one call of the device's io()");
	EXPECT_U64(f.probe.calls, 16);
	CONTEXT("a device that ends the run does so here, too, whatever its verdict");
	for (unsigned v = 0; v < ARRAY_SIZE(ends); v++) {
		f.probe.verdict = ends[v];
		EXPECT_V(leave(&f, true, BASE, 4, &written), ends[v]);
		EXPECT_V(leave(&f, false, BASE, 4, stale), ends[v]);
		EXPECT_BYTES(f.run.mmio.data, f.probe.answer, 4);
	}
}

TEST("4.1", mmio_at_the_edges, 1)
{
	static const u8 ones[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const u8 stale[8] = { 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a };
	static const u64 nobodys[] = { 0,	   0xe9,	  0xa0000,   BASE - 8,
				       BASE + LEN, GiB(4) + BASE, 1ULL << 51 };
	struct fake f;

	make(&f);
	for (unsigned i = 0; i < ARRAY_SIZE(nobodys); i++) {
		CONTEXT("nobody is at 0x%llx: a read gives all ones",
			(unsigned long long)nobodys[i]);
		EXPECT_V(leave(&f, false, nobodys[i], 8, stale), V_RESUME);
		EXPECT_BYTES(f.run.mmio.data, ones, 8);
		EXPECT_V(leave(&f, true, nobodys[i], 8, stale), V_RESUME);
	}
	EXPECT_U64(f.probe.calls, 0);
	CONTEXT("the last two bytes of the device, and two of nobody's");
	EXPECT_V(leave(&f, false, BASE + LEN - 2, 4, stale), V_RESUME);
	EXPECT_U64(f.probe.calls, 2);
	EXPECT_U64(f.run.mmio.data[0], f.probe.answer[0]);
	EXPECT_BYTES(f.run.mmio.data + 2, ones, 2);
	CONTEXT("a length that KVM never has, and that is not in data");
	EXPECT_V(leave(&f, false, BASE, 9, stale), V_ERROR);
	EXPECT_V(leave(&f, true, BASE, 0xffffffff, stale), V_ERROR);
	EXPECT_V(leave(&f, false, BASE, 0, stale), V_ERROR);
	EXPECT_U64(f.probe.calls, 2);
}
