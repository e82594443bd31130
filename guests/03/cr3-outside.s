# CR3 is loaded with an address where no memory is. Nothing can be fetched after that, not even a handler.
# Some processors notice it as a shutdown; an emulated one may try for ever, until the time is up.
#
# mode: long
# prints: leaving\n
# status: 3
# args: --timeout=2
# qemu: no, there it is a reset

	.include "start64.inc"

main:
	print	"leaving\n"
	mov	$0x3000000000, %rax
	mov	%rax, %cr3
	print	"still here\n"
	mov	$0, %al
	ret
