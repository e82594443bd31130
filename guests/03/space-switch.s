# A context switch, many times: CR3 gets the other one of two address spaces, and 8 pages are read there.
# For `./lab bench LAB=03`; how often, see guests/lib/times.inc.
#
# mode: long
# prints: sum 0d444811\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "times.inc"

	.set	SHARED, 0x8000000000		# PML4[1]: in each space, pages of its own
	.set	PAGES, 8

	# Fill a space: pml4, pdpt, pd, pt in a row, then its pages. They hold the numbers from %r12d on.
	.macro	make_space space:req
	mov	%cr3, %rbx
	mov	(%rbx), %rax
	mov	%rax, \space			# the code stays where it is
	movq	$\space + 0x1000 + 3, \space + 8
	movq	$\space + 0x2000 + 3, \space + 0x1000
	movq	$\space + 0x3000 + 3, \space + 0x2000
	mov	$\space + 0x4000, %eax
	xor	%ecx, %ecx
.Lpage\@:
	lea	3(%rax), %rbx
	mov	%rbx, \space + 0x3000(, %rcx, 8)
	mov	%r12d, (%rax)
	inc	%r12d
	add	$4096, %eax
	inc	%ecx
	cmp	$PAGES, %ecx
	jb	.Lpage\@
	.endm

main:
	call	times
	make_space space_one
	make_space space_two
	mov	$space_one, %eax
	mov	$space_two, %edx
	mov	$SHARED, %rdi
	mov	%cr3, %r15
	xor	%ebp, %ebp			# the sum

	.balign	128				# the loop is in one page, and needs no other
switch:
	mov	%rax, %cr3
	rol	$5, %ebp
	.set	at, 0
	.rept	PAGES
	add	at(%rdi), %ebp
	.set	at, at + 4096
	.endr
	xchg	%rax, %rdx
	dec	%r13d
	jnz	switch

	mov	%r15, %cr3
	show	"sum", %ebp, 8
	mov	$0, %al
	ret

	.bss
	.balign	4096
space_one: .skip (4 + PAGES) * 4096
space_two: .skip (4 + PAGES) * 4096
