# Many pings, sixteen at a time under way, of all lengths that a frame can have. 10.0.2.2 sends each
# of them back as it is.
#
# The nonce's low 12 bits say how many, 256 at least; and of all of it the contents are made.
#
# mode: long
# devices: net
# prints: packets 00000100\nsum a0bfde1c2e8c830c\n
# status: 0
# qemu: yes

	.set	PROTOCOL, 1
	.include "start64.inc"
	.include "packets.inc"

main:
	mov	nonce, %eax
	and	$0xfff, %eax
	or	$0x100, %eax
	mov	%eax, count
	call	packets
	mov	$0, %al
	ret
