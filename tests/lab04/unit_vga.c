// SPDX-License-Identifier: MIT
/* Task 4.3: the text screen, as a device on a bus and as a slot of KVM's. */
#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "dirty.h"
#include "fake_kvm.h"
#include "slots.h"
#include "test.h"
#include "vga.h"
#include "verdicts.h"

static void expect_rows(struct vga *vga, u32 want, bool want_looked)
{
	bool looked = !want_looked;
	u32 rows = ~want;

	EXPECT_ERR(vga_changed_rows(vga, &rows, &looked), 0);
	EXPECT_U64(rows, want);
	EXPECT_U64(looked, want_looked);
}

/* Accesses of every width at every place of the window's two ends. */
TEST("4.3", a_window_that_remembers, 1)
{
	static struct vga vga;
	static u8 model[VGA_SIZE + 16], cells[VGA_SCREEN];
	struct bus mmio = { .nwindows = 0 };
	u8 data[8], count = 1;

	EXPECT_ERR(vga_init_mmio(&vga, &mmio), 0);
	for (unsigned size = 1; size <= 8; size *= 2) {
		for (u64 off = 0; off < VGA_SIZE; off += off == 40 ? VGA_SIZE - 80 : 1) {
			for (unsigned i = 0; i < size; i++)
				data[i] = model[off + i] = count++;
			EXPECT_V(bus_io(&mmio, VGA_GPA + off, true, data, size), V_RESUME);
		}
	}
	for (unsigned size = 1; size <= 8; size *= 2) {
		for (u64 off = 0; off + size <= VGA_SIZE; off++) {
			memset(data, 0x77, sizeof(data));
			EXPECT_V(bus_io(&mmio, VGA_GPA + off, false, data, size), V_RESUME);
			if (!memcmp(data, model + off, size))
				continue;
			CONTEXT("%u bytes at offset %#llx of the window", size,
				(unsigned long long)off);
			EXPECT_BYTES(data, model + off, size);
		}
	}
	CONTEXT("vga_screen() copies the first 4000 bytes");
	EXPECT_ERR(vga_screen(&vga, cells), 0);
	EXPECT_BYTES(cells, model, VGA_SCREEN);
	CONTEXT("of the screen, row 0 was written");
	expect_rows(&vga, 1, true);
	data[0] = model[VGA_ROW * 8 - 1] ^ 1;
	EXPECT_V(bus_io(&mmio, VGA_GPA + VGA_ROW * 8 - 1, true, data, 1), V_RESUME);
	CONTEXT("then the last byte of row 7, and then nothing");
	expect_rows(&vga, 1 << 7, true);
	expect_rows(&vga, 0, true);
	CONTEXT("the bus refuses a second window at that place, and vga_init_mmio() says so");
	EXPECT_ERR(vga_init_mmio(&vga, &mmio), -EEXIST);
}

TEST("4.3", each_row_is_remembered, 0)
{
	static struct vga vga;
	struct bus mmio = { .nwindows = 0 };

	EXPECT_ERR(vga_init_mmio(&vga, &mmio), 0);
	for (unsigned row = 0; row < VGA_ROWS; row++) {
		u64 first = VGA_GPA + row * VGA_ROW, last = first + VGA_ROW - 1;

		EXPECT_V(bus_io(&mmio, row % 2 ? first : last, true, &(u8){ 1 }, 1), V_RESUME);
		CONTEXT("row %u is written once, and asked for twice", row);
		expect_rows(&vga, 1u << row, true);
		expect_rows(&vga, 0, true);
		EXPECT_V(bus_io(&mmio, row % 2 ? first : last, true, &(u8){ 0 }, 1), V_RESUME);
		CONTEXT("row %u is cleared again", row);
		expect_rows(&vga, 1u << row, true);
	}
}

TEST("4.3", screens_that_are_refused, 0)
{
	static const struct kvm_userspace_memory_region want = { .flags = KVM_MEM_LOG_DIRTY_PAGES,
								 .guest_phys_addr = VGA_GPA,
								 .memory_size = VGA_SIZE };
	struct kvm_userspace_memory_region told;
	static struct vga vga;
	struct mem mem = { .nslots = 0 };

	for (unsigned passes = 0; passes < 2; passes++) {
		fake_kvm = (struct fake_kvm){ .on = true,
					      .fails = KVM_SET_USER_MEMORY_REGION,
					      .err = -EEXIST,
					      .passes = passes };
		CONTEXT("KVM refuses the %s with EEXIST", passes ? "slot's log" : "slot");
		EXPECT_ERR(vga_init_ram(&vga, &mem, -1), -EEXIST);
		EXPECT_U64(mem.nslots, passes);
	}
	memcpy(&told, fake_last(KVM_SET_USER_MEMORY_REGION), sizeof(told));
	told.userspace_addr = 0;
	CONTEXT("what KVM was told of the log: the slot, and KVM_MEM_LOG_DIRTY_PAGES");
	EXPECT_U64(told.slot, want.slot);
	EXPECT_U64(told.flags, want.flags);
	EXPECT_U64(told.guest_phys_addr, want.guest_phys_addr);
	EXPECT_U64(told.memory_size, want.memory_size);
	mem.nslots = MEM_SLOTS_MAX;
	fake_kvm = (struct fake_kvm){ .on = true };
	CONTEXT("the table of slots is full: -ENOSPC, and KVM is told nothing");
	EXPECT_ERR(vga_init_ram(&vga, &mem, -1), -ENOSPC);
	EXPECT_U64(fake_kvm.calls, 0);
}

/* The window's slot is neither the first nor the last. */
TEST("4.3", the_log_is_that_of_its_own_slot, 1)
{
	static struct vga vga;
	struct mem none = { .nslots = 0 };
	u8 cells[VGA_SCREEN];
	bool looked;
	u32 rows;

	vga = (struct vga){ .mem = &none, .vm_fd = -1 };
	CONTEXT("the window is not there: vga_screen() says so");
	EXPECT_ERR(vga_screen(&vga, cells), -EFAULT);
	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(mem_add(&none, -1, 0, KiB(64)), 0);
	EXPECT_ERR(vga_init_ram(&vga, &none, -1), 0);
	EXPECT_ERR(mem_add(&none, -1, MiB(1), KiB(64)), 0);
	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(vga_changed_rows(&vga, &rows, &looked), 0);
	CONTEXT("of three slots the window is the second, number 1: its log is asked for");
	EXPECT_U64(((const struct kvm_dirty_log *)fake_last(KVM_GET_DIRTY_LOG))->slot, 1);
	fake_kvm = (struct fake_kvm){ .on = true, .fails = KVM_GET_DIRTY_LOG, .err = -EBADF };
	CONTEXT("KVM does not give the log");
	EXPECT_ERR(vga_changed_rows(&vga, &rows, &looked), -EBADF);
}

/*
 * The log of a KVM that is made up says nothing, while the memory changes; then nobody can read the
 * memory.
 */
TEST("4.3", an_empty_log_is_believed, 0)
{
	static struct vga vga;
	struct mem mem = { .nslots = 0 };
	u64 len = VGA_SIZE;
	void *window;

	fake_kvm = (struct fake_kvm){ .on = true };
	EXPECT_ERR(vga_init_ram(&vga, &mem, -1), 0);
	EXPECT_ERR(mem_write(&mem, VGA_GPA + 5 * VGA_ROW, "A\7", 2), 0);
	CONTEXT("row 5 has changed, but the log is empty: the screen is not read");
	expect_rows(&vga, 0, false);
	fake_kvm.dirty = 0xfe;
	CONTEXT("each page of the window but the first, which is the screen's, was written to");
	expect_rows(&vga, 0, false);
	fake_kvm.dirty = 1;
	CONTEXT("then the log has the screen's page: row 5 is different now");
	expect_rows(&vga, 1 << 5, true);
	expect_rows(&vga, 0, true);
	EXPECT_ERR(mem_write(&mem, VGA_GPA + 24 * VGA_ROW, "B\7", 2), 0);
	fake_kvm.dirty = 0x81;
	CONTEXT("the log has the screen's page, and the window's last one, too");
	expect_rows(&vga, 1 << 24, true);
	fake_kvm.dirty = 0;
	window = mem_span(&mem, VGA_GPA, &len);
	if (mprotect(window, VGA_SIZE, PROT_NONE))
		test_error("mprotect: %s", strerror(errno));
	CONTEXT("the log is empty, and the window cannot be read: whoever reads it crashes");
	expect_rows(&vga, 0, false);
}

/* Set the page of code at 0, and let the vCPU run it in real mode until it halts. */
static void run_code(struct vm *vm, int vcpu, const u8 *code, size_t size)
{
	struct kvm_regs regs = { .rflags = 2 };
	struct kvm_sregs sregs;

	EXPECT_ERR(mem_write(&vm->mem, 0, code, size), 0);
	if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
		test_error("KVM_GET_SREGS: %s", strerror(errno));
	sregs.cs.base = sregs.cs.selector = 0;
	sregs.ds.base = 0xb8000;
	sregs.ds.selector = 0xb800;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs) ||
	    ioctl(vcpu, KVM_RUN, 0))
		test_error("the guest does not run: %s", strerror(errno));
}

static void one_page(void *pages, u64 gpa)
{
	++*(unsigned *)pages;
}

TEST_KVM("4.3", the_dirty_log_says_when_to_look, 1)
{
	/* movw $0x0741, (row * 160); hlt */
	u8 code[] = { 0xc7, 0x06, 0, 0, 0x41, 0x07, 0xf4 };
	static struct vga vga;
	u8 cells[VGA_SCREEN];
	unsigned pages = 0;
	struct vm vm;
	int vcpu;

	EXPECT_ERR(vm_init(&vm, "/dev/kvm"), 0);
	EXPECT_ERR(memory_map_init(&vm.mem, vm.fd, MiB(2)), 0);
	EXPECT_ERR(vga_init_ram(&vga, &vm.mem, vm.fd), 0);
	vcpu = ioctl(vm.fd, KVM_CREATE_VCPU, 0UL);
	if (vcpu < 0)
		test_error("KVM_CREATE_VCPU: %s", strerror(errno));
	CONTEXT("the guest has not run: the log is empty, the screen need not be looked at");
	expect_rows(&vga, 0, false);
	code[2] = 3 * 160 & 0xff;
	code[3] = 3 * 160 >> 8;
	run_code(&vm, vcpu, code, sizeof(code));
	CONTEXT("the guest has written to row 3");
	expect_rows(&vga, 1u << 3, true);
	expect_rows(&vga, 0, false);
	EXPECT_ERR(vga_screen(&vga, cells), 0);
	EXPECT_BYTES(cells + 3 * VGA_ROW, "A\7", 2);
	CONTEXT("the same once more: there is something to look at, and nothing is different");
	run_code(&vm, vcpu, code, sizeof(code));
	expect_rows(&vga, 0, true);
	code[2] = 24 * 160 & 0xff;
	code[3] = 24 * 160 >> 8;
	run_code(&vm, vcpu, code, sizeof(code));
	CONTEXT("then to row 24");
	expect_rows(&vga, 1u << 24, true);
	code[2] = 0xe0;
	code[3] = 0x20;
	run_code(&vm, vcpu, code, sizeof(code));
	CONTEXT("then to the window, but not to the screen");
	expect_rows(&vga, 0, false);
	EXPECT_ERR(mem_read(&vm.mem, VGA_GPA + 0x20e0, cells, 2), 0);
	EXPECT_BYTES(cells, "A\7", 2);
	CONTEXT("the other slots have no log");
	EXPECT_ERR(dirty_log_read(&vm.mem.slot[0], vm.fd, one_page, &pages), -ENOENT);
}

/* Not graded: the part that is given. */
TEST("-", the_screen_as_text, 0)
{
	static struct vga vga;
	struct bus mmio = { .nwindows = 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (vga_init_mmio(&vga, &mmio) == -ENOSYS)
		SKIP("task 4.3 comes first");
	memcpy(vga.cell + 1 * VGA_ROW, "\311\7\315\7 \7\273\7 \7\0\7", 12);
	memcpy(vga.cell + 3 * VGA_ROW + VGA_ROW - 4, "\1\7\342\7", 4);
	EXPECT_ERR(f ? vga_print(&vga, f) : -ENOMEM, 0);
	fclose(f);
	CONTEXT("rows end with their last character, the screen with its last row");
	EXPECT_CONTAINS(text, "the text screen, as MMIO: 2 of 25 rows have changed\n\n");
	EXPECT_U64(size, 53 + strlen("\u2554\u2550 \u2557\n") + 1 + 78 + strlen("\u263a\u0393\n"));
	EXPECT_CONTAINS(text, "\n\u2554\u2550 \u2557\n\n   ");
	EXPECT_CONTAINS(text, " \u263a\u0393\n");
}
