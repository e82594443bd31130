# What the timer's registers read back as: the status of each counter in each mode, OUT once the
# count is over, and counts that are held while they are read.
#
# Status: bit 7 OUT, bits 5 and 4 which bytes, bits 3 to 1 the mode, bit 0 decimal (masked here: bit
# 6, and OUT where it changes all the time).
#
# mode: long
# prints: counter 0: 10 12 14 16 18 1a 20 22 24 26 28 2a 30 32 34 36 38 3a 31\n
# prints: counter 1: 10 12 14 16 18 1a 20 22 24 26 28 2a 30 32 34 36 38 3a 31\n
# prints: counter 2: 10 12 14 16 18 1a 20 22 24 26 28 2a 30 32 34 36 38 3a 31\n
# prints: over: b0 32 38 3a\nsquare wave: low and high\n
# prints: first digit: f f f f f f\nheld 0001\nstatus first 34\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.macro	out8 port:req, value:req
	mov	$\value, %al
	out	%al, $\port
	.endm

	.macro	in8 port:req
	in	$\port, %al
	movzbl	%al, %ebp
	.endm

	# Program counter n with control bits (which bytes, mode) and load a count of 0xffff, or less.
	.macro	load n:req, control:req, byte=0xff
	out8	0x43, \n << 6 | \control
	out8	0x40 + \n, \byte
	.if	(\control & 0x30) == 0x30
	out8	0x40 + \n, \byte
	.endif
	.endm

	.macro	status n:req, mask:req
	out8	0x43, 0xe0 | 2 << \n	# read-back: the status, not the count
	in8	0x40 + \n
	and	$\mask, %ebp
	putc	' '
	hex	%ebp, 2
	.endm

	.macro	all_of n:req
	print	"counter \n:"
	.irp	bytes, 0x10, 0x20, 0x30
	.irp	mode, 0, 1, 2, 3, 4, 5
	load	\n, (\bytes | \mode << 1)
	status	\n, 0x3f
	.endr
	.endr
	load	\n, 0x31		# decimal
	status	\n, 0x3f
	putc	'\n'
	.endm

	# The count of a counter, into a register.
	.macro	latch n:req
	out8	0x43, \n << 6
	.endm
	.macro	count n:req, register:req
	in8	0x40 + \n
	mov	%ebp, \register
	in8	0x40 + \n
	shl	$8, %ebp
	or	%ebp, \register
	.endm

	# Wait until counter 1 has counted about a thousand clocks.
wait:
	latch	1
	count	1, %ebx
1:	latch	1
	count	1, %edi
	mov	%ebx, %eax
	sub	%edi, %eax
	cmp	$1000, %ax
	jb	1b
	ret

	.macro	over control:req
	load	2, \control, 0
	out8	0x43, 0x80 | \control
	out8	0x42, 0x02		# a count of 2
	out8	0x42, 0x00
	call	wait
	status	2, 0xbf
	.endm

	# The first digit of a count, right after 0xffff was loaded. Who is interrupted tries again.
	.macro	first mode:req
	mov	$100, %ebx
1:	load	2, 0x30 | \mode << 1
	latch	2
	count	2, %edi
	shr	$12, %edi
	dec	%ebx
	jz	2f
	cmp	$15, %edi
	jne	1b
2:	putc	' '
	hex	%edi, 1
	.endm

main:
	cli
	all_of	0
	all_of	1
	all_of	2
	load	0, 0x30, 0		# quiet, for a while
	load	1, 0x34, 0
	print	"over:"
	over	0x30
	over	0x32
	over	0x38
	over	0x3a
	putc	'\n'

	print	"square wave:"
	load	2, 0x36, 0x10
1:	out8	0x43, 0xe8
	in8	0x42
	test	$0x80, %ebp
	jnz	1b
	print	" low"
1:	out8	0x43, 0xe8
	in8	0x42
	test	$0x80, %ebp
	jz	1b
	print	" and high\n"

	print	"first digit:"
	.irp	mode, 0, 1, 2, 3, 4, 5
	first	\mode
	.endr
	putc	'\n'

	load	2, 0x34, 0
	latch	2
	call	wait
	latch	2			# too late: what is held has not been read
	count	2, %r8d
	latch	2
	count	2, %r9d
	mov	%r8d, %eax
	sub	%r9d, %eax
	cmp	$1000, %ax
	setae	%al
	movzbl	%al, %ebp
	show	"held", %ebp, 4

	out8	0x43, 0xc8		# read-back: status and count
	in8	0x42
	and	$0x3f, %ebp
	show	"status first", %ebp, 2
	mov	$0, %al
	ret
