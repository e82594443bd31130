// SPDX-License-Identifier: MIT
#include "stub.h"
#include "x86.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#define SET(name, number) "	.set	" #name ", " NUMBER(number) "\n"
#define NUMBER(number)	  #number
#define NUMBERS		  SET(with_error, VECTORS_WITH_ERROR) SET(trap_port, TRAP_PORT)

/*
 * One entry of 16 bytes for each vector. Some exceptions push an error code and some do not (SDM
 * 3A, table 6-1): the others get a zero, so that all frames look the same.
 */
extern const u8 stub_begin[], stub_end[];
__asm__(".pushsection .rodata\n" NUMBERS "	.balign 16\n"
	"stub_begin:\n"
	"	.set	vector, 0\n"
	"	.rept	32\n"
	"	.balign 16\n"
	"	.if	!(with_error >> vector & 1)\n"
	"	pushq	$0\n"
	"	.endif\n"
	"	pushq	$vector\n"
	"	jmp	stub_common\n"
	"	.set	vector, vector + 1\n"
	"	.endr\n"
	"stub_common:\n"
	"	push %r15; push %r14; push %r13; push %r12; push %r11; push %r10; push %r9; push "
	"%r8\n"
	"	push %rdi; push %rsi; push %rbp; push %rsp; push %rbx; push %rdx; push %rcx; push "
	"%rax\n"
	"	mov	%cr2, %rax\n"
	"	push	%rax\n"
	"	out	%al, $trap_port\n"		   /* the VMM's turn */
	"	lea	stub_begin + 0x1000(%rip), %rsi\n" /* the mailbox */
	"	mov	(%rsi), %rcx\n"
	"1:	add	$16, %rsi\n"
	"	sub	$1, %rcx\n"
	"	js	2f\n"
	"	mov	(%rsi), %rdi\n"
	"	mov	8(%rsi), %rax\n"
	"	mov	%rax, (%rdi)\n"
	"	jmp	1b\n"
	"2:	mov	stub_begin + 0x1008(%rip), %rax\n" /* the root of the tables */
	"	mov	%rax, %cr3\n"			   /* forget what the stores have changed */
	"	add	$8, %rsp\n"			   /* CR2 */
	"	pop %rax; pop %rcx; pop %rdx; pop %rbx; add $8, %rsp; pop %rbp; pop %rsi; pop "
	"%rdi\n"
	"	pop %r8; pop %r9; pop %r10; pop %r11; pop %r12; pop %r13; pop %r14; pop %r15\n"
	"	add	$16, %rsp\n" /* vector and error code */
	"	iretq\n"
	"stub_end:\n"
	".popsection\n");

#define GDT_ENTRIES 7
#define TSS_AT	    0x200
#define IDT_AT	    0x400
#define TSS_RSP0    4
#define TSS_IO_MAP  0x66 /* where its I/O bitmap begins: beyond the limit, so that there is none */
#define TSS_LIMIT   0x67 /* and every IN and OUT of CPL 3 is #GP (SDM 1, 19.5.2) */

#define SEL_KERNEL_CODE 0x08
#define SEL_USER_DATA	0x1b
#define SEL_USER_CODE	0x23
#define SEL_TSS		0x28

static const struct kvm_segment user_code = {
	.selector = SEL_USER_CODE,
	.limit = 0xffffffff,
	.type = 11,
	.present = 1,
	.dpl = 3,
	.s = 1,
	.l = 1,
	.g = 1,
};

/* SDM 3A, 8.2.3 (TSS descriptor in 64-bit mode), 6.14.1 (gates). */
static void fill_tables(u8 *page)
{
	const u64 tss = VMM_GVA + STUB_TABLES + TSS_AT;
	const u64 gdt[GDT_ENTRIES] = {
		0,
		0x00af9b000000ffff, /* 0x08 code, CPL 0 */
		0x00cf93000000ffff, /* 0x10 data, CPL 0 */
		0x00cff3000000ffff, /* 0x1b data, CPL 3 */
		0x00affb000000ffff, /* 0x23 code, CPL 3 */
		TSS_LIMIT | (tss & 0xffffff) << 16 | 0x8bULL << 40 | (tss >> 24 & 0xff) << 56,
		tss >> 32,
	};
	const u64 rsp0 = VMM_GVA + STUB_STACK;
	const u16 no_io_map = 0xffff;

	memcpy(page, gdt, sizeof(gdt));
	memcpy(page + TSS_AT + TSS_RSP0, &rsp0, sizeof(rsp0));
	memcpy(page + TSS_AT + TSS_IO_MAP, &no_io_map, sizeof(no_io_map));
	for (u64 vector = 0; vector < 32; vector++) {
		const u64 entry = VMM_GVA + STUB_CODE + 16 * vector;
		/* INT3 is allowed at CPL 3 only if its gate says so: SDM 3A, 6.12.1.2. */
		const u64 type = vector == VECTOR_BP ? 0xee : 0x8e;
		const u64 gate[2] = { (entry & 0xffff) | SEL_KERNEL_CODE << 16 | type << 40 |
					      (entry >> 16 & 0xffff) << 48,
				      entry >> 32 };

		memcpy(page + IDT_AT + 16 * vector, gate, sizeof(gate));
	}
}

int stub_init(struct mem *machine)
{
	u8 page[PAGE_SIZE_4K] = { 0 };
	int err;

	fill_tables(page);
	err = mem_write(machine, STUB_TABLES, page, sizeof(page));
	if (!err)
		err = mem_write(machine, STUB_CODE, stub_begin,
				(uintptr_t)stub_end - (uintptr_t)stub_begin);
	return err;
}

struct trap_frame *stub_frame(const struct mem *machine)
{
	u64 len = sizeof(struct trap_frame);

	return mem_span(machine, STUB_STACK - len, &len);
}

struct mailbox *stub_mailbox(const struct mem *machine)
{
	u64 len = sizeof(struct mailbox);

	return mem_span(machine, STUB_MAILBOX, &len);
}

int stub_enter(struct vcpu *vcpu, u64 root, u64 rip, u64 cr4)
{
	struct kvm_regs regs = { .rip = rip, .rflags = RFLAGS_FIXED | RFLAGS_IF };
	struct kvm_segment data = user_code;
	struct kvm_sregs sregs;

	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -errno;
	data.selector = SEL_USER_DATA;
	data.type = 3;
	data.db = 1;
	data.l = 0;
	sregs.cs = user_code;
	sregs.ds = sregs.es = sregs.fs = sregs.gs = sregs.ss = data;
	sregs.tr = (struct kvm_segment){ .base = VMM_GVA + STUB_TABLES + TSS_AT,
					 .limit = TSS_LIMIT,
					 .selector = SEL_TSS,
					 .type = 11,
					 .present = 1 };
	sregs.gdt.base = VMM_GVA + STUB_TABLES;
	sregs.gdt.limit = GDT_ENTRIES * 8 - 1;
	sregs.idt.base = VMM_GVA + STUB_TABLES + IDT_AT;
	sregs.idt.limit = 32 * 16 - 1;
	sregs.cr0 = CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE;
	sregs.cr3 = root;
	sregs.cr4 = cr4 | CR4_PAE;
	sregs.efer = EFER_LME | EFER_LMA | EFER_NXE;
	if (ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0 || ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0)
		return -errno;
	return 0;
}
