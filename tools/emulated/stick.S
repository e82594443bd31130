# SPDX-License-Identifier: MIT
# For a real machine: a program that GRUB knows how to load (Multiboot), and that does what
# labs/08-type1/rom.S does at reset. The file `rom` in it is the same: a plan, and the pieces that it
# brings to their places. It lies above all of these, at STICK.

	.set	ROM, 0xfff80000		# where the plan thinks that it is
	.set	MAGIC, 0x1badb002

	.section .text
	.balign	4
	.long	MAGIC, 0, -MAGIC	# no wishes: Multiboot Specification 0.6.96, 3.1.1

	# GRUB enters here: 32-bit protected mode, flat segments, no paging, interrupts off (3.2).
	.globl	_start
_start:
	cld
	mov	$rom, %ebp
	mov	4(%ebp), %edx
	lea	20(%ebp), %ebx
1:	mov	0(%ebx), %esi
	add	$rom - ROM, %esi
	mov	4(%ebx), %edi
	mov	8(%ebx), %ecx
	rep movsb
	mov	12(%ebx), %ecx
	xor	%eax, %eax
	rep stosb
	add	$16, %ebx
	dec	%edx
	jnz	1b
	mov	8(%ebp), %ebx
	jmp	*12(%ebp)

	.balign	16
rom:	.incbin	"rom"
	.section .note.GNU-stack, "", @progbits
