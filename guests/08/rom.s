# A store to the page that can only be read; the nonce says where in it.
#
# mode: long
# prints: t
# status: 3
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

	.set	ROM, 0x600000

main:
	mov	ROM, %al
	out	%al, $0xe9
	mov	nonce, %edx
	and	$0xff8, %edx
	mov	%rdx, ROM(%rdx)
	print	"the store was taken\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
