# Hello from 32-bit protected mode.
#
# mode: protected
# prints: Hello from protected mode\n
# status: 0
# qemu: yes

	.include "start32.inc"

main:
	print	"Hello from protected mode\n"
	mov	$0, %al
	ret				# the status is in %al
