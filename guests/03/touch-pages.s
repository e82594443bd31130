# Touches some of 64 pages: bit n of the nonce, XOR 0xa05, says whether page n is written (so pages 0,
# 2, 9 and 11 when the nonce is 0). The pages begin at 4 MiB, where nothing else is.
#
# mode: long
# prints: pages written 04\n
# status: 16
# qemu: yes

	.include "start64.inc"

	.set	REGION, 0x400000

main:
	mov	nonce, %r8
	xor	$0xa05, %r8
	mov	$REGION, %edi
	xor	%ebp, %ebp
	mov	$64, %ecx
next:
	shr	$1, %r8			# the lowest bit goes into CF
	jnc	skip
	mov	%edi, (%rdi)
	inc	%ebp
skip:
	add	$4096, %edi
	dec	%ecx
	jnz	next
	show	"pages written", %ebp, 2
	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
