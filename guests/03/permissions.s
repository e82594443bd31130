# What the entries forbid, and the error code that says so. Bit 0: a page was there; bit 1: a write;
# bit 4: a fetch.
#
# mode: long
# prints: absent, read 00\nabsent, write 02\nread-only, read --\nread-only, write 03\nread-only, write without WP --\nno-execute, fetch 11\nread-only upper, write 03\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "tables.inc"

	# Do something that may fault: the handler notes the error code and goes on at the label.
	.macro	try what:req, instruction:vararg
	print	"\what "
	movl	$-1, error
	movq	$.Lafter\@, resume
	\instruction
.Lafter\@:
	call	print_error
	.endm

main:
	call	make_window
	gate	14, on_page_fault
	lidt	idtr
	mov	$0xc0000080, %ecx	# EFER.NXE: bit 63 of an entry means no-execute
	rdmsr
	or	$0x800, %eax
	wrmsr
	call	with_wp
	movb	$0xc3, page		# a RET, for the fetch
	mov	$WINDOW, %edi
	movq	$page + 1, pt + 8	# page 1: present, not writable
	movabs	$page + 3 + (1 << 63), %rax
	mov	%rax, pt + 16		# page 2: not executable

	try	"absent, read", mov (%rdi), %al
	try	"absent, write", mov %al, (%rdi)
	try	"read-only, read", mov 4096(%rdi), %al
	try	"read-only, write", movb $0xc3, 4096(%rdi)
	call	without_wp
	try	"read-only, write without WP", movb $0xc3, 4096(%rdi)
	call	with_wp
	mov	8192(%rdi), %al		# reading is allowed, and is no leave to execute
	mov	%rsp, stack_before
	lea	8192(%rdi), %rbx
	try	"no-execute, fetch", call *%rbx
	mov	stack_before, %rsp
	andq	$~2, pd_window		# a table above may forbid it, too
	mov	%cr3, %rax
	mov	%rax, %cr3
	movq	$page + 3, pt + 8
	try	"read-only upper, write", movb $0xc3, 4096(%rdi)
	mov	$0, %al
	ret

with_wp:
	mov	%cr0, %rax
	or	$0x10000, %rax
	mov	%rax, %cr0
	ret
without_wp:
	mov	%cr0, %rax
	and	$~0x10000, %rax
	mov	%rax, %cr0
	ret

print_error:
	mov	error, %ebp
	cmp	$-1, %ebp
	je	nothing
	hex	%ebp, 2
	putc	'\n'
	ret
nothing:
	print	"--\n"
	ret

on_page_fault:
	push	%rax
	mov	8(%rsp), %eax
	mov	%eax, error
	mov	resume, %rax
	mov	%rax, 16(%rsp)		# the RIP to return to
	pop	%rax
	add	$8, %rsp
	iretq

	.data
	.balign	8
resume:	.quad	0
stack_before: .quad 0
error:	.long	0
	.bss
	.balign	4096
page:	.skip	4096
