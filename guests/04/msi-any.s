# A message to any address with any data: the two halves of the nonce. Whatever it does, if it is not
# an INIT or so, the guest goes on.
#
# mode: long
# args: --irqchip=kernel
# prints: went on\n
# status: 0
# qemu: no, it has no such device

	.include "start64.inc"
	.include "msi.inc"

main:
	call	msi_init
	mov	nonce, %eax
	mov	%eax, MSI
	mov	nonce + 4, %eax
	mov	%eax, MSI + 8
	unmask_message 0
	sti
	due	0
	in	$0xe9, %al
	cli
	print	"went on\n"
	mov	$0, %al
	ret

in_handler:
	ret

	.data
	.balign	8
nonce:	.quad	0
