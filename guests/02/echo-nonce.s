# Prints a number that nobody knew when this file was written: the tests put a random nonce into
# a copy of the image, so only a VMM that really runs the guest can print it.
#
# It prints the nonce as 16 hexadecimal digits and ends with status 16 + (nonce & 63).
#
# mode: real
# prints: 0000000000000000\n
# status: 16
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.include "guest.inc"

	.code16
	.globl	start
start:
	mov	$nonce + 7, %si		# numbers are stored low byte first, and printed high first
	mov	$line, %di
	mov	$digits, %bx
next:
	mov	(%si), %al
	shr	$4, %al			# the high digit of the byte
	xlat				# AL = digits[AL]
	stosb				# to the line at DI; DI moves on
	mov	(%si), %al
	and	$15, %al		# the low digit
	xlat
	stosb
	dec	%si
	cmp	$nonce, %si
	jae	next

	mov	$line, %si		# the whole line by one instruction
	mov	$17, %cx
	mov	$0xe9, %dx
	rep outsb

	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	exit	%al

	.balign	8
nonce:
	.quad	0
digits:
	.ascii	"0123456789abcdef"
line:
	.ascii	"................\n"
