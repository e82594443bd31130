# Many packets by UDP to the host and back, sixteen at a time under way. The host's side is a program
# that sends each of them back as it is, at 10.0.2.2, which is the host's own loopback.
#
# The nonce's low 16 bits say at which port; the next 24 say how many packets; and of all of it the
# contents are made.
#
# mode: long
# devices: net
# prints: no frame comes\n
# status: 16
# qemu: no, somebody at that port has to answer

	.set	PROTOCOL, 17
	.include "start64.inc"
	.include "packets.inc"

main:
	mov	nonce, %ax
	mov	%ax, port
	mov	nonce + 2, %eax
	and	$0xffffff, %eax
	mov	%eax, count
	call	packets
	mov	$0, %al
	ret

	.bss
	.balign	4
port:	.skip	4
