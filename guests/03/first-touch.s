# A first touch, many times: one write to each of so many pages from 4 MiB on. They are mapped from the
# beginning, in pages of 2 MiB. For `./lab bench LAB=03`; how many, see guests/lib/times.inc (with 128
# MiB of memory, up to 31744).
#
# mode: long
# prints: first 00000000\nlast  0000000f\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "times.inc"

	.set	REGION, 0x400000

main:
	call	times
	mov	%r12d, %eax
	mov	$REGION, %edi

	.balign	64				# the loop is in one page
touch:
	mov	%eax, (%rdi)
	inc	%eax
	add	$4096, %edi
	dec	%r13d
	jnz	touch

	mov	-4096(%rdi), %r14d
	mov	REGION, %ebp
	show	"first", %ebp, 8
	show	"last ", %r14d, 8
	mov	$0, %al
	ret
