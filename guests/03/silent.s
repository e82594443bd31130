# A guest that does nothing privileged, not even print: it fills 16 pages, adds up what they hold, and
# stores the sum where there is no memory. Whoever watches the exits can read it there.
#
# Page n, at 4 MiB + n * 16 KiB, gets the low half of the nonce plus n.
#
# mode: long
# prints:
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	REGION, 0x400000
	.set	STEP, 0x4000
	.set	HOLE, 0x30000000

main:
	mov	nonce, %eax
	mov	$REGION, %edi
	mov	$16, %ecx
fill:
	mov	%eax, (%rdi)
	inc	%eax
	add	$STEP, %edi
	dec	%ecx
	jnz	fill

	xor	%edx, %edx
	mov	$REGION, %edi
	mov	$16, %ecx
sum:
	add	(%rdi), %edx
	add	$STEP, %edi
	dec	%ecx
	jnz	sum
	mov	%edx, HOLE
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
