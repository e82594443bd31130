// SPDX-License-Identifier: MIT
/* What is said of a stopped vCPU: its registers, and the bytes that it stands on. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "capture.h"
#include "fake_exits.h"

/* A vCPU in real mode that stands on `out %al, $0xe9` at 0x1003. */
static void make_vcpu(void)
{
	static const u8 code[] = { 0xe6, 0xe9 };
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC), vm;
	struct kvm_userspace_memory_region region = { .memory_size = slot.size };
	struct kvm_regs regs = { .rip = 0x1003, .rflags = 2, .rax = 0x1234, .rdi = 0xdddd };
	struct kvm_sregs sregs;

	do
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	while (vm < 0 && errno == EINTR);
	slot.hva =
		mmap(NULL, slot.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	region.userspace_addr = (u64)(uintptr_t)slot.hva;
	witness.vcpu_fd = ioctl(vm, KVM_CREATE_VCPU, 0);
	if (slot.hva == MAP_FAILED || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) ||
	    witness.vcpu_fd < 0 || ioctl(witness.vcpu_fd, KVM_GET_SREGS, &sregs))
		test_error("no vCPU: %s", strerror(errno));
	memcpy(slot.hva + 0x1003, code, sizeof(code));
	sregs.cs.selector = 0;
	sregs.cs.base = 0;
	if (ioctl(witness.vcpu_fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(witness.vcpu_fd, KVM_SET_REGS, &regs))
		test_error("no registers: %s", strerror(errno));
	recorder_init(&rec, &page.run, -1);
	hlt_exit();
}

TEST_KVM("-", report_shows_registers_and_instruction, 0)
{
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };
	char *text;

	make_vcpu();
	text = report(&ending);
	EXPECT_CONTAINS(text, "reg rip 0x1003\n");
	EXPECT_CONTAINS(text, "reg rflags 0x2\n");
	EXPECT_CONTAINS(text, "reg rax 0x1234\n");
	EXPECT_CONTAINS(text, "reg rdi 0xdddd\n");
	EXPECT_CONTAINS(text, "reg cs 0x0\n");
	EXPECT_CONTAINS(text, "reg cr0 0x");
	EXPECT_CONTAINS(text, "reg efer 0x0\n");
	EXPECT_CONTAINS(text, "code 0x1003 e6 e9 out %al, $0xE9\n");
}

TEST_KVM("-", report_without_an_instruction, 0)
{
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };
	unsigned none = 0;
	char *text;

	CONTEXT("RIP points to where no RAM is: registers, but no code line");
	make_vcpu();
	witness.nslots = &none;
	text = report(&ending);
	EXPECT_CONTAINS(text, "reg rip 0x1003\n");
	EXPECT_TRUE(!strstr(text, "\ncode "), "there is one");
}

static char *obituary(const struct ending *ending)
{
	struct capture c = capture_begin(2);

	obituary_print(ending, &witness);
	return capture_end(&c);
}

TEST_KVM("-", bytes_that_are_no_instruction_are_shown, 0)
{
	/* No x86 has the opcode 0f 04 (SDM volume 2, opcode map). */
	static const u8 code[] = { 0x0f, 0x04, 0xaa, 0xbb, 0xf4 };
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };

	make_vcpu();
	memcpy(slot.hva + 0x1003, code, sizeof(code));
	EXPECT_CONTAINS(report(&ending),
			"\ncode 0x1003 0f 04 aa bb f4 00 00 00 (no instruction)\n");
	EXPECT_CONTAINS(obituary(&ending),
			"\n  at          0x1003: 0f 04 aa bb f4 00 00 00   (no instruction)\n");
	CONTEXT("memory ends within them");
	slot.size = 0x1005;
	EXPECT_CONTAINS(report(&ending), "\ncode 0x1003 0f 04 (no instruction)\n");
}

/*
 * 4-level paging (SDM volume 3, 4.5), which a KVM without hardware walks, too: linear page 1 is
 * frame 1, and page 2 is frame 7.
 */
static void page_two_is_frame_seven(void)
{
	struct kvm_sregs sregs;
	u64 *entry;

	make_vcpu();
	for (unsigned table = 3; table < 6; table++)
		*(u64 *)(slot.hva + table * 0x1000) = ((u64)table + 1) * 0x1000 + 3;
	entry = (u64 *)(slot.hva + 0x6000);
	entry[1] = 0x1003;
	entry[2] = 0x7003;
	if (ioctl(witness.vcpu_fd, KVM_GET_SREGS, &sregs))
		test_error("no registers: %s", strerror(errno));
	sregs.cr0 |= 0x80000001;
	sregs.cr3 = 0x3000;
	sregs.cr4 |= 1 << 5; /* PAE */
	sregs.efer |= 1 << 8 | 1 << 10;
	sregs.cs.l = 1;
	if (ioctl(witness.vcpu_fd, KVM_SET_SREGS, &sregs))
		test_error("no registers: %s", strerror(errno));
}

TEST_KVM("-", code_behind_the_end_of_a_page_is_another_page, 0)
{
	static const u8 rest[] = { 0x34, 0x12, 0, 0 }; /* b8 34 12 00 00: mov $0x1234, %eax */
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };
	struct kvm_regs regs = { .rip = 0x1fff, .rflags = 2 };

	page_two_is_frame_seven();
	slot.hva[0x1fff] = 0xb8;
	memcpy(slot.hva + 0x7000, rest, sizeof(rest));
	memset(slot.hva + 0x2000, 0xff, 16);
	if (ioctl(witness.vcpu_fd, KVM_SET_REGS, &regs))
		test_error("no registers: %s", strerror(errno));
	EXPECT_CONTAINS(report(&ending), "\ncode 0x1fff b8 34 12 00 00 mov $0x1234, %eax\n");
	CONTEXT("and the page behind that one is not mapped");
	regs.rip = 0x2fff;
	slot.hva[0x7fff] = 0xb8;
	if (ioctl(witness.vcpu_fd, KVM_SET_REGS, &regs))
		test_error("no registers: %s", strerror(errno));
	EXPECT_CONTAINS(report(&ending), "\ncode 0x2fff b8 (cut off)\n");
}

TEST_KVM("-", obituary_of_a_guest_that_runs_through_zeros, 0)
{
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };

	make_vcpu();
	EXPECT_TRUE(!strstr(obituary(&ending), "zeros"), "it stands on an OUT");
	memset(slot.hva + 0x1003, 0, 2);
	EXPECT_CONTAINS(obituary(&ending), ": 00 00   add %al, (%bx,%si,1)\n"
					   "              zeros: the guest runs through memory");
	CONTEXT("a zero byte or two are not yet nothing: a program may begin so");
	slot.hva[0x1003 + 10] = 0x90;
	EXPECT_TRUE(!strstr(obituary(&ending), "zeros"), "they are not all there is");
}

TEST_KVM("-", registers_of_a_cpu_that_was_reset_are_not_the_guests, 0)
{
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };
	struct kvm_regs regs = { .rip = 0xfff0, .rflags = 2 };
	struct kvm_sregs sregs;
	char *text;

	CONTEXT("as KVM leaves a vCPU of AMD's after a triple fault");
	make_vcpu();
	if (ioctl(witness.vcpu_fd, KVM_GET_SREGS, &sregs))
		test_error("no registers: %s", strerror(errno));
	sregs.cs.base = 0xffff0000;
	sregs.cs.selector = 0xf000;
	if (ioctl(witness.vcpu_fd, KVM_SET_SREGS, &sregs) ||
	    ioctl(witness.vcpu_fd, KVM_SET_REGS, &regs))
		test_error("no registers: %s", strerror(errno));
	rec.has_regs = true;
	out_exit('x', 0x1234);
	page.run.exit_reason = KVM_EXIT_SHUTDOWN;
	page.run.s.regs.regs.rip = 0xfff0;
	recorder_enter(&rec);
	recorder_leave(&rec, 0);
	text = obituary(&ending);
	EXPECT_CONTAINS(text, "\n  at          unknown: the triple fault reset the CPU, and its "
			      "registers are lost; its exit before was at rip 0x1234\n");
	EXPECT_TRUE(!strstr(text, "fff0"), "%s", text);
	EXPECT_TRUE(!strstr(text, "  registers "), "%s", text);
	text = report(&ending);
	EXPECT_CONTAINS(text, "data=78 rip=0x1234\nlast SHUTDOWN\n");
	EXPECT_TRUE(!strstr(text, "\nreg ") && !strstr(text, "\ncode "), "%s", text);
	CONTEXT("the same registers after another exit are the guest's own");
	hlt_exit();
	EXPECT_CONTAINS(report(&ending), "\nreg rip 0xfff0\n");
}

TEST_KVM("-", report_instruction_at_the_end_of_memory, 0)
{
	struct ending ending = { .verdict = "dead", .status = 3, .cause = "x" };
	char *text;

	CONTEXT("the slot ends between the two bytes of the instruction: no byte beyond is read");
	make_vcpu();
	slot.size = 0x1004;
	text = report(&ending);
	EXPECT_CONTAINS(text, "\ncode 0x1003 e6 (cut off)\n");
	slot.size = 0x1005;
	EXPECT_CONTAINS(report(&ending), "code 0x1003 e6 e9 out %al, $0xE9\n");
}

TEST_KVM("-", obituary_shows_all_there_is, 0)
{
	struct ending ending = { "dead", 3, "a cause", "chapter 9" };
	struct capture c = capture_begin(2);
	char *text;

	make_vcpu();
	obituary_print(&ending, &witness);
	text = capture_end(&c);
	EXPECT_TRUE(!strncmp(text, "vmm: the guest died: a cause\n", 29), "%s", text);
	EXPECT_CONTAINS(text, "  at          0x1003: e6 e9   out %al, $0xE9\n");
	EXPECT_CONTAINS(text, "  registers   rip 0000000000001003");
	EXPECT_CONTAINS(text, "rax 0000000000001234");
	EXPECT_CONTAINS(text, "  last exits  HLT\n");
	EXPECT_CONTAINS(text, "  read        the book, chapter 9\n");
}
