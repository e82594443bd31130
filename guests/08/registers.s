# A number in each general register: the nonce with some bits turned round, so that it is one by hand, too,
# and turned left by 4 bits more each time. RSP too: nothing interrupts this guest, so it needs no stack.
#
# mode: long
# prints:
# status: 0
# qemu: no, it prints nothing

	.include "start64.inc"

main:
	movabs	$0x0123456789abcdef, %rax
	xor	nonce, %rax
	.set	.Lturn, 4
	.irp	reg, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	mov	%rax, %\reg
	rol	$.Lturn, %\reg
	.set	.Lturn, .Lturn + 4
	.endr
	hlt

	.data
	.balign	8
nonce:	.quad	0
