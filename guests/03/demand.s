# Memory on demand, the guest's own: its page fault handler gives a page to an address that has none.
# The low three bits of the nonce say which page of the window is touched first; then the next one.
#
# mode: long
# prints: fault at 40000000 error 2\nfault at 40001000 error 0\nread back 5eed5eed\nfaults 2\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "tables.inc"

main:
	call	make_window
	gate	14, on_page_fault
	lidt	idtr
	mov	nonce, %edi
	and	$7, %edi
	shl	$12, %edi
	add	$WINDOW, %edi

	movl	$0x5eed5eed, (%rdi)	# a write
	mov	4096(%rdi), %eax	# a read
	mov	(%rdi), %ebp
	show	"read back", %ebp, 8
	show	"faults", faults, 1
	mov	$0, %al
	ret

# The instruction is carried out again after IRETQ: by then its page is there.
on_page_fault:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rbp
	mov	%cr2, %rbp
	print	"fault at "
	hex	%ebp, 8
	print	" error "
	mov	40(%rsp), %edx		# the error code, below what was pushed
	hex	%edx, 1
	putc	'\n'
	sub	$WINDOW, %ebp
	shr	$12, %ebp		# which page of the window
	mov	next_free, %eax
	addl	$4096, next_free
	or	$3, %eax		# present, writable
	mov	%rax, pt(, %rbp, 8)
	incl	faults
	pop	%rbp
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	add	$8, %rsp		# the error code
	iretq

	.data
	.balign	8
nonce:	.quad	0
faults:	.long	0
next_free: .long pool
	.bss
	.balign	4096
pool:	.skip	16 * 4096
