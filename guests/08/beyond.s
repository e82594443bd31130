# A read where no memory is, between 0x601000 and 0x700000; the nonce says where.
#
# mode: long
# prints:
# status: 3
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

main:
	mov	nonce, %eax
	xor	%edx, %edx
	mov	$0xfeff8, %ecx
	div	%ecx
	mov	0x601000(%rdx), %rbx
	print	"there is memory\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
