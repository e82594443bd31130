# Instructions that begin in one page and end in the next, which is not there: the fault belongs to the
# second page, and afterwards the instruction is done as a whole. That holds for those, too, that a VMM
# carries out. Bit 4 of the error code: a fetch.
#
# mode: long
# prints: fault at 40001000 error 10\nmov 12345678\nfault at 40001000 error 10\ncr2 00000000\nfault at 40001000 error 10\n! after a fault\n! without INVLPG\nbefore a fault\nfault at 40001000 error 10\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "tables.inc"

	.set	BORDER, WINDOW + 4096

	# Four bytes on each side of the border; the page behind it goes.
	.macro	border before:req, behind:req
	movl	$\before, page_a + 4092
	movl	$\behind, page_b
	movq	$0, pt + 8
	invlpg	BORDER
	.endm

	# Call what lies this many bytes before the border.
	.macro	run bytes:req
	mov	$BORDER - \bytes, %ebx
	call	*%rbx
	.endm

main:
	call	make_window
	gate	14, on_page_fault
	gate	13, on_general_protection
	lidt	idtr
	mov	$0xc0000080, %ecx	# EFER.NXE: only then an error code tells of a fetch
	rdmsr
	or	$0x800, %eax
	wrmsr
	movq	$page_a + 3, pt

	border	0x78b80000, 0xc3123456	# mov $0x12345678, %eax; ret
	run	2
	mov	%eax, %ebp
	show	"mov", %ebp, 8
	border	0x220f0000, 0xc3d0	# mov %rax, %cr2; ret
	mov	nonce, %eax
	run	2
	mov	%cr2, %rbp		# not the address of the fault, which came before
	show	"cr2", %ebp, 8
	border	0xe6000000, 0xc3e9	# out %al, $0xe9; ret
	mov	$'!', %al
	run	1
	print	" after a fault\n"
	movq	$0, pt + 8		# no INVLPG: the CPU may know the page still, or look again
	movb	$1, quiet
	mov	$'!', %al
	run	1
	print	" without INVLPG\n"
	movb	$0, quiet
	border	0xe9e60000, 0xc3	# the OUT ends with the page, the RET is behind
	print	"before a fault"
	mov	$'\n', %al
	run	2
	mov	$0, %al
	ret

on_page_fault:
	cmpb	$0, quiet
	jne	map
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rbp
	print	"fault at "
	mov	%cr2, %rbp
	hex	%ebp, 8
	print	" error "
	mov	40(%rsp), %ebp
	hex	%ebp, 2
	putc	'\n'
	pop	%rbp
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
map:
	movq	$page_b + 3, pt + 8
	add	$8, %rsp
	iretq

on_general_protection:
	print	"general protection\n"
	exit	$1

	.data
	.balign	8
nonce:	.quad	0
quiet:	.byte	0
	.bss
	.balign	4096
page_a:	.skip	4096
page_b:	.skip	4096
