# A guest that computes: twelve numbers, each the sum of the two before it, in decimal. The first
# is nonce & 0xffff, the second is one more.
#
# mode: long
# prints: 0\n1\n1\n2\n3\n5\n8\n13\n21\n34\n55\n89\n
# status: 0
# qemu: yes

	.include "start64.inc"

main:
	movzwl	nonce, %ebx		# a
	lea	1(%rbx), %rbp		# b
	mov	$12, %r12
next:
	mov	%rbx, %rax
	call	decimal
	xchg	%rbx, %rbp		# a, b = b, a + b
	add	%rbx, %rbp
	dec	%r12
	jnz	next
	mov	$0, %al
	ret

# Print RAX as a line in decimal. Dividing gives the last digit first, so the digits wait on the
# stack, above a newline that is printed last.
decimal:
	mov	$10, %rcx		# the base, and by luck also the newline
	push	%rcx
divide:
	xor	%edx, %edx
	div	%rcx			# RAX = RAX / 10, RDX = the digit
	add	$'0', %rdx
	push	%rdx
	test	%rax, %rax
	jnz	divide
print_digit:
	pop	%rax
	out	%al, $0xe9
	cmp	$'\n', %al
	jne	print_digit
	ret

	.data
	.balign	8
nonce:
	.quad	0
