# How does a guest in real mode find its CPU?
#
# mode: real
# prints:
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.include "guest.inc"

	.code16
	.globl	start
start:
	mov	$0x7000, %sp
	pushf
	pop	%bx			# RBX: FLAGS
	mov	%cr0, %eax
	mov	%eax, %ecx		# RCX: CR0
	mov	%cs, %dx
	mov	%ss, %bp
	or	%bp, %dx
	mov	%es, %bp
	or	%bp, %dx
	movzwl	%dx, %edx		# RDX: CS, SS and ES together
	xor	%ebp, %ebp
	mov	%ds:nonce, %esi		# RSI and RDI: the nonce, by way of DS
	mov	%ds:nonce + 4, %edi
	movl	%esi, %ss:0x7800	# and through memory
	movl	%es:0x7800, %eax
	hlt

	.balign	8
nonce:	.quad	0
