# What the registers of the two interrupt controllers read back as, after each of them has been
# written. Interrupts are off; nothing asks for one but perhaps the timer, at line 0.
#
# mode: long
# prints: 20 mask 00 55 aa ff\n20 words of initialisation: mask 00, then a5\n20 without ICW4: mask 69\n20 IRR 00 ISR 00\n4d0 level 00 50 a8 f8\n
# prints: a0 mask 00 55 aa ff\na0 words of initialisation: mask 00, then a5\na0 without ICW4: mask 69\na0 IRR 00 ISR 00\n4d1 level 00 54 8a de\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "pic.inc"

	# Write a value and print what is read then. The ports above 0xff need DX.
	.macro	try port:req, value:req
	mov	$\port, %edx
	mov	$\value, %al
	out	%al, %dx
	in	%dx, %al
	movzbl	%al, %ebp
	putc	' '
	hex	%ebp, 2
	.endm

	.macro	patterns title:req, port:req
	print	"\title"
	try	\port, 0x00
	try	\port, 0x55
	try	\port, 0xaa
	try	\port, 0xff
	putc	'\n'
	.endm

	.macro	read text:req, port:req, mask=0xff
	in	$\port, %al
	movzbl	%al, %ebp
	and	$\mask, %ebp
	print	"\text "
	hex	%ebp, 2
	.endm

	.macro	chip name:req, port:req, vector:req, wire:req
	patterns "\name mask", \port + 1
	# ICW1 clears the mask, and what comes to its port next is no mask: ICW2, ICW3, ICW4.
	out8	\port, 0x11
	read	"\name words of initialisation: mask", \port + 1
	out8	\port + 1, \vector
	out8	\port + 1, \wire
	out8	\port + 1, 0x01
	out8	\port + 1, 0xa5
	read	", then", \port + 1
	putc	'\n'
	.endm

	.macro	shorter name:req, port:req, vector:req, wire:req
	out8	\port, 0x10		# and ICW3, but no ICW4
	out8	\port + 1, \vector
	out8	\port + 1, \wire
	out8	\port + 1, 0x69
	read	"\name without ICW4: mask", \port + 1
	putc	'\n'
	.endm

	.macro	requests name:req, port:req, mask:req
	out8	\port, 0x0a		# OCW3: read IRR
	read	"\name IRR", \port, \mask
	out8	\port, 0x0b		# OCW3: read ISR
	read	" ISR", \port
	putc	'\n'
	.endm

main:
	chip	"20", 0x20, 0x20, 0x04
	shorter	"20", 0x20, 0x20, 0x04
	pic_init
	requests "20", 0x20, 0xfe	# without the timer
	patterns "4d0 level", 0x4d0	# some lines cannot be level-triggered
	chip	"a0", 0xa0, 0x28, 0x02
	shorter	"a0", 0xa0, 0x28, 0x02
	pic_init
	requests "a0", 0xa0, 0xff
	patterns "4d1 level", 0x4d1
	pic_init
	out8	PIC1, 0x0a
	out8	PIC2, 0x0a
	mov	$0x4d0, %edx		# edges again
	xor	%eax, %eax
	out	%ax, %dx
	mov	$0, %al
	ret
