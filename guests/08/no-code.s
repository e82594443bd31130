# A function in a page for data only, from 0x700000 on: the store and the read are allowed, the call is not.
#
# mode: long
# prints: c3\n
# status: 3
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

	.set	DATA, 0x700000

main:
	mov	nonce, %edi
	and	$0xffff8, %edi
	add	$DATA, %edi
	movb	$0xc3, (%rdi)		# RET
	movzbl	(%rdi), %ebp
	hex	%ebp, 2
	putc	'\n'
	call	*%rdi
	print	"the code has run\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
