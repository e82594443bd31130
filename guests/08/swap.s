# Two pages of the guest's memory change places, behind its back: what the TLB remembers of them is wrong now, and
# a hypervisor that flushes nothing lets the guest see the old ones.
#
# mode: long
# prints: before 00000000 ffffffff\nafter ffffffff 00000000\n
# status: 0
# qemu: no, it looks at the hypervisor

	.include "start64.inc"
	.include "hv.inc"

	.set	ONE, 0x190000
	.set	OTHER, 0x191000

	.macro	both name:req
	mov	ONE, %ebp
	print	"\name "
	hex	%ebp, 8
	mov	OTHER, %ebp
	putc	' '
	hex	%ebp, 8
	putc	'\n'
	.endm

main:
	call_begin
	mov	nonce, %ebx
	mov	%ebx, ONE
	not	%ebx
	mov	%ebx, OTHER
	both	before
	mov	$ONE, %edi
	mov	$OTHER, %esi
	hypercall SWAP
	both	after
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
