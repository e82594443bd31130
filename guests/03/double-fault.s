# A page fault in the handler of a page fault: that is two faults, and both are served. A page fault whose
# gate is not present is a double fault, vector 8, with error code 0.
#
# mode: long
# prints: fault at 40000000\nfault at 40001000 in the handler\nread back 5eed5eed\ndouble fault error 0 cr2 40005000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "tables.inc"

main:
	call	make_window
	gate	14, on_page_fault
	gate	8, on_double_fault
	lidt	idtr
	movl	$0x5eed5eed, page_a
	mov	WINDOW, %ebp
	show	"read back", %ebp, 8
	movw	$0x0e00, idt + 16 * 14 + 4	# not present any more
	mov	WINDOW + 5 * 4096, %eax
	print	"no fault\n"
	mov	$1, %al
	ret

on_page_fault:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rbp
	print	"fault at "
	mov	%cr2, %rbp
	hex	%ebp, 8
	incl	depth
	cmpl	$2, depth
	je	inner
	putc	'\n'
	mov	WINDOW + 4096, %eax
	movq	$page_a + 3, pt
	jmp	done
inner:
	print	" in the handler\n"
	movq	$page_b + 3, pt + 8
done:
	pop	%rbp
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$8, %rsp
	iretq

on_double_fault:			# there is no way back from here
	pop	%r8
	print	"double fault error "
	hex	%r8d, 1
	print	" cr2 "
	mov	%cr2, %rbp
	hex	%ebp, 8
	putc	'\n'
	exit	$0

	.data
	.balign	4
depth:	.long	0
	.bss
	.balign	4096
page_a:	.skip	4096
page_b:	.skip	4096
