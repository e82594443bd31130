# How does a guest in long mode find its CPU? It reloads its segments from the GDT, too.
#
# mode: long
# prints:
# status: 0
# qemu: no, it prints nothing

	.include "guest.inc"

	.globl	start64
	.text
start64:
	mov	$stack, %esp
	pushfq
	pop	%rbx			# RBX: RFLAGS
	mov	%cr0, %rcx
	mov	%cr3, %rdx
	mov	%cr4, %rsi
	mov	%cs, %edi		# RDI: CS in bits 15:0, SS in 31:16, then DS
	mov	%ss, %eax
	shl	$16, %eax
	or	%eax, %edi
	mov	%ds, %eax
	shl	$32, %rax
	or	%rax, %rdi
	mov	$0x10, %eax		# the GDT says the same
	mov	%eax, %ds
	mov	%eax, %ss
	pushq	$0x08
	push	$1f
	lretq
1:	sgdt	table
	movzwl	table, %r8d
	mov	table + 2, %r9
	mov	nonce, %rax
	hlt

	.data
	.balign	8
nonce:	.quad	0
table:	.skip	16
	.bss
	.balign	16
	.skip	512
stack:
