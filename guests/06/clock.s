# What time is it? Each of the clock's registers, as its chip has them: in BCD.
#
# mode: long
# prints: 2026-11-29 15:27:57 01\n
# status: 0
# qemu: no, it takes time between the two

	.include "start64.inc"

	.macro	two reg:req, behind
	mov	$\reg, %al
	out	%al, $0x70
	in	$0x71, %al
	movzbl	%al, %ebx
	hex	%ebx, 2
	.ifnb	\behind
	putc	\behind
	.endif
	.endm

main:
	two	0x32
	two	9, '-'
	two	8, '-'
	two	7, ' '
	two	4, ':'
	two	2, ':'
	two	0, ' '
	two	6, '\n'
	mov	$0, %al
	ret
