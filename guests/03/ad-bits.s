# The CPU writes into the page tables, too: it sets A when it uses an entry, and D in the last one
# when it writes.
#
# mode: long
# prints: fresh   A 0 D 0\nread    A 1 D 0\nwritten A 1 D 1\ncleared A 0 D 0\nread    A 1 D 0\ntable   A 1\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"

	.macro	state what:req
	mov	pt, %rbp
	print	"\what A "
	mov	%ebp, %eax
	shr	$5, %eax
	and	$1, %eax
	hex	%eax, 1
	print	" D "
	mov	%ebp, %eax
	shr	$6, %eax
	and	$1, %eax
	hex	%eax, 1
	putc	'\n'
	.endm

main:
	call	make_window
	movq	$page + 3, pt
	mov	$WINDOW, %edi
	state	"fresh  "
	mov	(%rdi), %eax
	state	"read   "
	mov	%eax, (%rdi)
	state	"written"
	andq	$~0x60, pt		# clear both, and let the CPU forget that they were set
	invlpg	(%rdi)
	state	"cleared"
	mov	(%rdi), %eax
	state	"read   "
	mov	pd_window, %ebp
	shr	$5, %ebp
	and	$1, %ebp
	show	"table   A", %ebp, 1
	mov	$0, %al
	ret

	.bss
	.balign	4096
page:	.skip	4096
