/* SPDX-License-Identifier: MIT */
/*
 * From the PVH door (32-bit protected mode, no paging, EBX on the start info) to boot_main() in long
 * mode: our GDT with a TSS, 4 GiB mapped to themselves by pages of 2 MiB, our stack.
 */
#include "machine_map.h"

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 8, 18		/* sizes of name and value; 18 is XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	start32

	.section .text.start, "ax"
	.code32
	.globl	start32
start32:
	cld
	cli
	mov	$stack_end, %esp
	mov	%ebx, %esi		/* the start info */

	mov	$pdpt + 3, %eax		/* present, writable */
	mov	%eax, pml4
	mov	$pd + 3, %eax
	mov	$pdpt, %edi
	mov	$4, %ecx
1:	mov	%eax, (%edi)
	add	$0x1000, %eax
	add	$8, %edi
	loop	1b
	mov	$0x83, %eax		/* present, writable, a page of 2 MiB */
	mov	$pd, %edi
	mov	$4 * 512, %ecx
2:	mov	%eax, (%edi)
	add	$0x200000, %eax
	add	$8, %edi
	loop	2b

	mov	%cr4, %eax
	or	$0x20, %eax		/* CR4.PAE */
	mov	%eax, %cr4
	mov	$pml4, %eax
	mov	%eax, %cr3
	mov	$0xc0000080, %ecx	/* EFER */
	rdmsr
	or	$0x900, %eax		/* LME, and NXE: there are pages without code */
	wrmsr
	mov	%cr0, %eax
	or	$0x80000000, %eax	/* PG */
	mov	%eax, %cr0

	mov	$tss, %eax		/* the TSS's address goes into its descriptor in pieces */
	mov	%ax, tss_at + 2
	shr	$16, %eax
	mov	%al, tss_at + 4
	mov	%ah, tss_at + 7
	lgdt	gdtr
	ljmp	$SEL_CODE, $3f
	.code64
3:	mov	$SEL_DATA, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	mov	$SEL_TSS, %eax
	ltr	%ax
	mov	%esi, %edi
	xor	%ebp, %ebp
	call	boot_main
4:	hlt
	jmp	4b

	.data
	.balign	8
gdt:	.quad	0
	.quad	0x00af9a000000ffff	/* SEL_CODE: 64-bit code */
	.quad	0x00cf92000000ffff	/* SEL_DATA */
tss_at:	.quad	0x0000890000000067	/* SEL_TSS: an available TSS of 0x68 bytes */
	.quad	0
gdtr:	.word	. - gdt - 1
	.quad	gdt

	.balign	16
tss:	.skip	0x66
	.word	0x68			/* no I/O bitmap */

	.bss
	.balign	4096
pml4:	.skip	4096
pdpt:	.skip	4096
pd:	.skip	4 * 4096
	.skip	16384
stack_end:
	.section .note.GNU-stack, "", @progbits
