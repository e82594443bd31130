# Reading ports, one, two and four bytes at a time. The console answers a read of port 0xe9 with
# 0xe9; the ports beside it belong to nobody, and a port that belongs to nobody reads as all ones.
#
# mode: real
# prints: 0xe9 by inb e9\n
# prints: 0xe9 by inw ffe9\n
# prints: 0xe9 by inl ffffffe9\n
# prints: 0x300 by inb ff\n
# prints: 0x300 by inw ffff\n
# prints: 0x300 by inl ffffffff\n
# prints: 0x300 by rep insw, first ffff\n
# prints: 0x300 by rep insw, last ffff\n
# prints: the word after it 1234\n
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.include "guest.inc"

	.macro	read_widths port
	xor	%eax, %eax
	mov	$\port, %dx
	in	%dx, %al
	show	"\port by inb", %eax, 2

	xor	%eax, %eax
	mov	$\port, %dx
	in	%dx, %ax
	show	"\port by inw", %eax, 4

	xor	%eax, %eax
	mov	$\port, %dx
	in	%dx, %eax
	show	"\port by inl", %eax, 8
	.endm

	.code16
	.globl	start
start:
	read_widths 0xe9
	read_widths 0x300

	mov	$0x300, %dx
	mov	$words, %di
	mov	$8, %cx
	rep insw			# eight words from the port to the memory at DI
	show	"0x300 by rep insw, first", words, 4
	show	"0x300 by rep insw, last", words + 14, 4
	show	"the word after it", after, 4
	hlt

	.balign	4
words:
	.word	0, 0, 0, 0, 0, 0, 0, 0
after:
	.word	0x1234, 0
