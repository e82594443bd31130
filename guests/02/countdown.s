# Prints (nonce & 15) + 1 dots, an out for each, and a newline: whoever knows the nonce knows how
# many exits to expect.
#
# mode: real
# prints: .\n
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.code16
	.globl	start
start:
	mov	nonce, %cl
	and	$15, %cl
	inc	%cl
	mov	$'.', %al
next:
	out	%al, $0xe9
	dec	%cl
	jnz	next

	mov	$'\n', %al
	out	%al, $0xe9
	hlt

	.balign	8
nonce:
	.quad	0
