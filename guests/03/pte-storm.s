# A page-table update, many times: one entry is changed from one page to another and back, INVLPG, and a
# read through it. For `./lab bench LAB=03`; how often, see guests/lib/times.inc.
#
# mode: long
# prints: sum 0280a82a\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"
	.include "times.inc"

main:
	call	make_window
	call	times
	mov	%r12d, pages			# the first page holds the seed
	lea	1(%r12), %eax
	mov	%eax, pages + 4096		# the second, the seed + 1
	mov	$pages + 3, %eax
	mov	$WINDOW, %edi
	xor	%ebp, %ebp			# the sum

	.balign	64				# the loop is in one page
storm:
	xor	$4096, %eax
	mov	%rax, pt
	invlpg	(%rdi)
	rol	$5, %ebp
	add	(%rdi), %ebp
	dec	%r13d
	jnz	storm

	show	"sum", %ebp, 8
	mov	$0, %al
	ret

	.bss
	.balign	8192				# so that XOR leads from one to the other
pages:	.skip	2 * 4096
