# One address, two pages: the entry is changed, and INVLPG makes the CPU forget what it knew. The second
# page holds the complement of its half of the nonce.
#
# mode: long
# prints: first 00000000\nthen  ffffffff\nback  00000000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"

main:
	call	make_window
	mov	nonce, %eax
	mov	%eax, page_a
	mov	nonce + 4, %eax
	not	%eax
	mov	%eax, page_b

	movq	$page_a + 3, pt + 8 * 5		# the window's page 5
	mov	WINDOW + 5 * 4096, %ebp
	show	"first", %ebp, 8
	movq	$page_b + 3, pt + 8 * 5
	invlpg	WINDOW + 5 * 4096
	mov	WINDOW + 5 * 4096, %ebp
	show	"then ", %ebp, 8
	movq	$page_a + 3, pt + 8 * 5
	invlpg	WINDOW + 5 * 4096
	mov	WINDOW + 5 * 4096, %ebp
	show	"back ", %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	4096
page_a:	.skip	4096
page_b:	.skip	4096
