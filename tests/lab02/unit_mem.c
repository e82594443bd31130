// SPDX-License-Identifier: MIT
/* Task 2.2: memory as a pure structure, and as KVM sees it. */
#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "fake_kvm.h"
#include "mem.h"
#include "nonce.h"
#include "test.h"
#include "vm.h"

static u8 low[0x2000], high[0x1000], next[0x1000];

/* 0x1000 to 0x2fff, a hole, 0x8000 to 0x8fff, and its neighbour 0x9000 to 0x9fff. */
static const struct mem sample = {
	.slot = {
		{ .gpa = 0x8000, .size = sizeof(high), .hva = high, .id = 0 },
		{ .gpa = 0x1000, .size = sizeof(low), .hva = low, .id = 1 },
		{ .gpa = 0x9000, .size = sizeof(next), .hva = next, .id = 2 },
	},
	.nslots = 3,
};

static void expect_span(u64 gpa, u64 want, const void *hva, u64 len)
{
	u64 got = want;
	void *span = mem_span(&sample, gpa, &got);

	CONTEXT("mem_span(gpa 0x%llx, %llu bytes wanted)", (unsigned long long)gpa,
		(unsigned long long)want);
	EXPECT_TRUE(span == hva, "%s", span ? "another pointer" : "NULL");
	EXPECT_U64(got, len);
}

TEST("2.2", span_inside_and_at_the_edges, 1)
{
	expect_span(0x1000, 16, low, 16);
	expect_span(0x2ff0, 16, low + 0x1ff0, 16);
	expect_span(0x2fff, 1, low + 0x1fff, 1);
	expect_span(0x2ff0, 17, low + 0x1ff0, 16);
	expect_span(0x8ff8, 16, high + 0xff8, 8);
	expect_span(0x9fff, 1, next + 0xfff, 1);
}

TEST("2.2", span_outside_and_overflowing, 1)
{
	expect_span(0xfff, 1, NULL, 0);
	expect_span(0x3000, 1, NULL, 0);
	expect_span(0x7fff, 2, NULL, 0);
	expect_span(0xa000, 1, NULL, 0);
	expect_span(UINT64_MAX, 1, NULL, 0);
	expect_span(UINT64_MAX - 7, 16, NULL, 0);
	expect_span(0x1000, UINT64_MAX, low, 0x2000);
	expect_span(0x9ff0, UINT64_MAX - 0x9fef, next + 0xff0, 16);
}

TEST("2.2", copies_cross_neighbours_and_stop_at_holes, 2)
{
	struct mem mem = sample;
	u8 in[16], out[16], want[16];

	for (unsigned i = 0; i < sizeof(in); i++)
		in[i] = want[i] = (u8)(nonce_random() | 1);
	CONTEXT("16 bytes at 0x8ff8 lie in two slots that are neighbours");
	EXPECT_ERR(mem_write(&mem, 0x8ff8, in, 16), 0);
	EXPECT_BYTES(high + 0xff8, want, 8);
	EXPECT_BYTES(next, want + 8, 8);
	EXPECT_ERR(mem_read(&mem, 0x8ff8, out, 16), 0);
	EXPECT_BYTES(out, want, 16);
	CONTEXT("16 bytes at 0x2ff8 begin in RAM and end in a hole; at 0x9ff8 past the last slot");
	EXPECT_ERR(mem_write(&mem, 0x2ff8, in, 16), -EFAULT);
	EXPECT_ERR(mem_read(&mem, 0x2ff8, out, 16), -EFAULT);
	EXPECT_ERR(mem_read(&mem, 0x9ff8, out, 16), -EFAULT);
	EXPECT_ERR(mem_read(&mem, 0x3000, out, 1), -EFAULT);
	EXPECT_ERR(mem_read(&mem, UINT64_MAX - 3, out, 8), -EFAULT);
	EXPECT_ERR(mem_read(&mem, 0x3000, out, 0), 0);
}

TEST("2.2", more_memory_than_there_is, 1)
{
	struct mem mem = { .nslots = 0 };

	fake_kvm.on = true; /* and it takes any slot */
	CONTEXT("mem_add() of 2^62 bytes: no host has them, and mmap() says ENOMEM (by MAP_FAILED, "
		"which is not NULL)");
	EXPECT_ERR(mem_add(&mem, -1, 0, 1ULL << 62), -ENOMEM);
	EXPECT_U64(mem.nslots, 0);
}

/* The address space of this process, or as much of it as is in memory; bytes. */
static u64 address_space(bool in_memory)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long long pages[2];

	if (!f || fscanf(f, "%llu %llu", &pages[0], &pages[1]) != 2)
		test_error("/proc/self/statm cannot be read");
	fclose(f);
	return pages[in_memory] * PAGE_SIZE_4K;
}

/* Does the kernel remember MAP_NORESERVE of the mapping that holds this address? proc(5). */
static bool without_reserve(const void *address)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long long from, to;
	bool here = false, found = false;
	char line[400];

	if (!f)
		test_error("/proc/self/smaps cannot be read");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx ", &from, &to) == 2)
			here = (uintptr_t)address >= from && (uintptr_t)address < to;
		else if (here && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, " nr");
	}
	fclose(f);
	return found;
}

TEST("2.2", memory_is_taken_when_it_is_touched, 1)
{
	void *ours = mmap(NULL, PAGE_SIZE_4K, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct mem mem = { .nslots = 0 };
	u64 before = address_space(true);

	fake_kvm.on = true;
	CONTEXT("mem_add() of 128 MiB that nobody touches");
	EXPECT_ERR(mem_add(&mem, -1, 0, MiB(128)), 0);
	EXPECT_TRUE(address_space(true) < before + MiB(64), "64 MiB more are taken than before");
	CONTEXT("a host that keeps account of its memory need not set 128 MiB aside");
	if (without_reserve(ours)) /* it may have been told not to (overcommit_memory) */
		EXPECT_TRUE(without_reserve(mem.slot[0].hva), "mmap() had no MAP_NORESERVE");
}

TEST("2.2", refused_memory_is_given_back, 1)
{
	struct mem mem = { .nslots = 0 };
	u64 before = address_space(false);

	fake_kvm = (struct fake_kvm){ .on = true,
				      .fails = KVM_SET_USER_MEMORY_REGION,
				      .err = -EEXIST };
	CONTEXT("KVM refuses a slot of 1 GiB: mem_add() hands its errno on, and unmaps the memory");
	EXPECT_ERR(mem_add(&mem, -1, 0, GiB(1)), -EEXIST);
	EXPECT_U64(mem.nslots, 0);
	EXPECT_TRUE(address_space(false) < before + GiB(1) / 2, "1 GiB more is mapped than before");
}

TEST_KVM("2.2", slots_are_added_and_refused, 1)
{
	u8 zero[64] = { 0 }, bytes[64];
	u64 size = (1 + nonce_random() % 50) * 0x1000, n = UINT64_MAX;
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	CONTEXT("mem_add() refuses what is not whole pages, is empty or wraps");
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0x800, 0x1000), -EINVAL);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0, 0x1800), -EINVAL);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0, 0), -EINVAL);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, ~0xfffull, 0x2000), -EINVAL);
	EXPECT_U64(vm.mem.nslots, 0);
	CONTEXT("%llu bytes at 0x100000: zeroed, and as long as asked", (unsigned long long)size);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0x100000, size), 0);
	EXPECT_TRUE(mem_span(&vm.mem, 0x100000, &n));
	EXPECT_U64(n, size);
	EXPECT_ERR(mem_read(&vm.mem, 0x100000 + size - 64, bytes, 64), 0);
	EXPECT_BYTES(bytes, zero, 64);
	CONTEXT("a second slot over the last page of the first: KVM knows the first, and says "
		"EEXIST");
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0x100000 + size - 0x1000, 0x2000), -EEXIST);
	EXPECT_U64(vm.mem.nslots, 1);
	CONTEXT("a slot right behind the first, which ends there");
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0x100000 + size, 0x1000), 0);
	EXPECT_U64(vm.mem.nslots, 2);
	while (vm.mem.nslots < MEM_SLOTS_MAX)
		EXPECT_ERR(mem_add(&vm.mem, vm.fd, MiB(16) + vm.mem.nslots * 0x1000, 0x1000), 0);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, MiB(64), 0x1000), -ENOSPC);
	for (unsigned i = 0; i < MEM_SLOTS_MAX; i++) {
		struct kvm_userspace_memory_region none = { .slot = vm.mem.slot[i].id };

		CONTEXT("KVM removes slot %u of the table by the number in its id, %u", i,
			none.slot);
		EXPECT_U64(none.slot, i);
		EXPECT_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none) ? -errno : 0, 0);
	}
}
