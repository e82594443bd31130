# A plain access, many times: a number is added to what one of 64 pages holds, a read and a write. The
# pages were touched before. For `./lab bench LAB=03`; how often, see guests/lib/times.inc.
#
# mode: long
# prints: sum 00000868\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "times.inc"

	.set	REGION, 0x400000
	.set	STEP, 4096 + 64			# to the next page, and not to the same place in the cache
	.set	END, REGION + 64 * STEP

main:
	call	times
	mov	$REGION, %edi
1:	mov	%r12d, (%rdi)			# touch them: the seed, the seed + 1...
	inc	%r12d
	add	$STEP, %edi
	cmp	$END, %edi
	jb	1b
	mov	$REGION, %edi

	.balign	64				# the loop is in one page
access:
	add	%r13d, (%rdi)			# N, then N - 1, and so on to 1
	add	$STEP, %edi
	cmp	$END, %edi
	jb	2f
	mov	$REGION, %edi
2:	dec	%r13d
	jnz	access

	xor	%ebp, %ebp
	mov	$REGION, %edi
3:	add	(%rdi), %ebp
	add	$STEP, %edi
	cmp	$END, %edi
	jb	3b
	show	"sum", %ebp, 8
	mov	$0, %al
	ret
