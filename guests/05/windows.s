# Who is there? Eight windows, and behind each may be a device: its kind, and the first four bytes of
# its configuration (the size of a disk, the beginning of a network card's address). The first device
# of the command line has the last window.
#
# mode: long
# devices: blk, net
# prints: window 7 74726976 version 2 device 02 config 00000040\n
# prints: window 6 74726976 version 2 device 01 config 12005452\n
# prints: window 5 74726976 version 2 device 00 config 00000000\n
# prints: window 4 74726976 version 2 device 00 config 00000000\n
# prints: window 3 74726976 version 2 device 00 config 00000000\n
# prints: window 2 74726976 version 2 device 00 config 00000000\n
# prints: window 1 74726976 version 2 device 00 config 00000000\n
# prints: window 0 74726976 version 2 device 00 config 00000000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	.set	VERSION, 0x04

	.macro	value name:req, register:req, digits:req
	mov	\register(%r15), %ebp
	print	"\name"
	hex	%ebp, \digits
	.endm

main:
	call	virtio_map
	mov	$7, %ebx
	mov	$WINDOWS + 7 * 0x200, %r15d
next:
	print	"window "
	hex	%ebx, 1
	value	" ", MAGIC, 8		# "virt", as a number
	value	" version ", VERSION, 1
	value	" device ", DEVICE_ID, 2
	value	" config ", CONFIG, 8
	putc	'\n'
	sub	$0x200, %r15d
	dec	%ebx
	jns	next
	mov	$0, %al
	ret
