// SPDX-License-Identifier: MIT
/* Tasks 3.10 and 3.11, as KVM sees them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "dirty.h"
#include "slots.h"
#include "test.h"

static void expect_slot(const struct mem *mem, unsigned i, u64 gpa, u64 size, bool readonly)
{
	CONTEXT("slot %u of memory_map_init()", i);
	EXPECT_TRUE(i < mem->nslots, "there are only %u", mem->nslots);
	EXPECT_U64(mem->slot[i].gpa, gpa);
	EXPECT_U64(mem->slot[i].size, size);
	EXPECT_TRUE(mem->slot[i].readonly == readonly, "readonly %d", mem->slot[i].readonly);
}

TEST_KVM("3.10", map_of_a_pc, 2, .seconds = 0.2)
{
	static const u64 small[] = { KiB(64), KiB(800), MiB(1) };
	u8 rom[64], zero[32] = { 0 }, ones[8];
	struct kvm_run run = { .mmio.len = sizeof(ones) };
	struct vcpu vcpu = { .run = &run };
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	/* 0, or the task is not begun: memory_map_init() alone does not say so. */
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0xfffe0000, 0x20000), 0);
	vm_destroy(&vm);
	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(memory_map_init(&vm.mem, vm.fd, MiB(64)), 0);
	EXPECT_U64(vm.mem.nslots, 3);
	expect_slot(&vm.mem, 0, 0, 0xa0000, false);
	expect_slot(&vm.mem, 1, 0x100000, MiB(63), false);
	expect_slot(&vm.mem, 2, 0xfffe0000, 0x20000, true);
	EXPECT_ERR(mem_read(&vm.mem, 0xfffe0000, rom, sizeof(rom)), 0);
	EXPECT_BYTES(rom, rom_text, strlen(rom_text));
	EXPECT_BYTES(rom + strlen(rom_text), zero, sizeof(zero));
	CONTEXT("a read of 8 bytes where nobody is: all ones");
	memset(ones, 0xff, sizeof(ones));
	exit_mmio(&vcpu, NULL);
	EXPECT_BYTES(run.mmio.data, ones, sizeof(ones));
	CONTEXT("nothing is between 640 KiB and 1 MiB, nor behind the end");
	EXPECT_ERR(mem_read(&vm.mem, 0x9ffff, rom, 1), 0);
	EXPECT_ERR(mem_read(&vm.mem, 0xa0000, rom, 1), -EFAULT);
	EXPECT_ERR(mem_read(&vm.mem, 0xfffff, rom, 1), -EFAULT);
	EXPECT_ERR(mem_read(&vm.mem, MiB(64), rom, 1), -EFAULT);
	vm_destroy(&vm);
	for (unsigned i = 0; i < ARRAY_SIZE(small); i++) {
		EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
		CONTEXT("a small machine: %llu KiB of RAM, and none from 1 MiB on",
			(unsigned long long)small[i] >> 10);
		EXPECT_ERR(memory_map_init(&vm.mem, vm.fd, small[i]), 0);
		EXPECT_U64(vm.mem.nslots, 2);
		expect_slot(&vm.mem, 0, 0, min_u64(small[i], 0xa0000), false);
		expect_slot(&vm.mem, 1, 0xfffe0000, 0x20000, true);
		vm_destroy(&vm);
	}
}

/* The address space of this process, bytes. */
static u64 address_space(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long long pages = 0;

	if (!f || fscanf(f, "%llu", &pages) != 1)
		test_error("/proc/self/statm cannot be read");
	fclose(f);
	return pages * PAGE_SIZE_4K;
}

TEST_KVM("3.10", readonly_slots_are_refused_like_others, 1)
{
	struct vm vm;
	u64 before;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0x800, 0x1000), -EINVAL);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0, 0), -EINVAL);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, ~0xfffull, 0x2000), -EINVAL);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0x10000, 0x2000), 0);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0x11000, 0x1000), -EEXIST);
	CONTEXT("what is refused is unmapped again; and more than any host has is -ENOMEM");
	before = address_space();
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, 0x11000, GiB(1)), -EEXIST);
	EXPECT_TRUE(address_space() < before + GiB(1) / 2, "1 GiB more is mapped than before");
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, GiB(8), 1ULL << 62), -ENOMEM);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, 0x12000, 0x1000), 0);
	EXPECT_U64(vm.mem.nslots, 2);
	while (vm.mem.nslots < MEM_SLOTS_MAX)
		EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, MiB(1) * vm.mem.nslots, 0x1000), 0);
	EXPECT_ERR(mem_add_readonly(&vm.mem, vm.fd, MiB(64), 0x1000), -ENOSPC);
	for (unsigned i = 0; i < MEM_SLOTS_MAX; i++) {
		struct kvm_userspace_memory_region none = { .slot = vm.mem.slot[i].id };

		CONTEXT("KVM removes slot %u of the table by the number in its id, %u", i,
			none.slot);
		EXPECT_ERR(ioctl(vm.fd, KVM_SET_USER_MEMORY_REGION, &none) ? -errno : 0, 0);
	}
}

static void count_page(void *ctx, u64 gpa)
{
	(*(unsigned *)ctx)++;
}

TEST_KVM("3.11", no_log_without_start, 1)
{
	unsigned pages = 0;
	struct vm vm;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(memory_map_init(&vm.mem, vm.fd, MiB(1) + 200 * PAGE_SIZE_4K), 0);
	EXPECT_U64(vm.mem.nslots, 3); /* task 3.10 */
	CONTEXT("KVM logs nothing before it was told to");
	EXPECT_ERR(dirty_log_read(&vm.mem.slot[1], vm.fd, count_page, &pages), -ENOENT);
	EXPECT_ERR(dirty_log_start(&vm.mem, vm.fd), 0);
	EXPECT_ERR(dirty_log_read(&vm.mem.slot[1], vm.fd, count_page, &pages), 0);
	CONTEXT("no guest has run, so no page was written; and the VMM's own writes are not "
		"logged");
	EXPECT_ERR(mem_write(&vm.mem, MiB(1), "x", 1), 0);
	EXPECT_ERR(dirty_log_read(&vm.mem.slot[1], vm.fd, count_page, &pages), 0);
	EXPECT_U64(pages, 0);
	EXPECT_ERR(mem_add(&vm.mem, vm.fd, MiB(16), 192 * PAGE_SIZE_4K), 0);
	EXPECT_ERR(dirty_log_start(&vm.mem, vm.fd), 0);
	CONTEXT("192 pages are 3 longs, and no page is behind them");
	EXPECT_ERR(dirty_log_read(&vm.mem.slot[3], vm.fd, count_page, &pages), 0);
	EXPECT_U64(pages, 0);
	CONTEXT("KVM writes whole longs: for 200 pages 4 of them, and not into somebody else's "
		"memory");
	free(malloc(100000)); /* the C library looks at its own */
}
