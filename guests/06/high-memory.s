# A kernel that has been told of memory above 4 GiB, and uses it: at its first bytes and at its last. Is
# that memory of its own, or does it lie on what is below?
#
# mode: long
# args: --mode=protected --memory=4G
# prints: memory 0000000000000000 00000000000a0000 1\nmemory 00000000000c0000 0000000000040000 2\nmemory 0000000000100000 00000000bff00000 1\nmemory 0000000100000000 0000000040000000 1\nfirst 00000000\nlast ffffffff\nbelow 0\nin the hole ffffffff\n
# status: 0
# qemu: no, its hole begins elsewhere

	.include "start64.inc"
	.include "tables.inc"

	# The 2 MiB in which an address lies are at WINDOW; %rdi is the address there.
	.macro	look at:req
	mov	\at, %rdi
	mov	%rdi, %rax
	and	$-0x200000, %rax
	or	$0x83, %rax		# present, writable, and itself a page of 2 MiB
	mov	%rax, pd_window
	mov	%cr3, %rax
	mov	%rax, %cr3
	and	$0x1fffff, %edi
	add	$WINDOW, %edi
	.endm

	.macro	hex64 offset:req
	hex	\offset + 4(%rbx), 8
	hex	\offset(%rbx), 8
	putc	' '
	.endm

main:
	mov	%ebx, %ebp		# start_info
	call	make_window
	mov	40(%rbp), %ebx		# memory map
	mov	48(%rbp), %r8d		# so many entries
	lea	-1(%r8), %eax
	cmp	$32, %eax
	jae	many
1:	print	"memory "
	hex64	0
	hex64	8
	hex	16(%rbx), 1
	putc	'\n'
	mov	(%rbx), %r14		# of the last one: where it begins,
	mov	%r14, %r15
	add	8(%rbx), %r15
	sub	$8, %r15		# and its last eight bytes
	add	$24, %rbx
	dec	%r8d
	jnz	1b

	mov	nonce, %r12
	bts	$32, %r12		# memory that nobody has touched is all zeros
	mov	%r12, %r13
	not	%r13
	look	%r14
	mov	%r12, (%rdi)
	look	%r15
	mov	%r13, (%rdi)
	look	%r14
	mov	(%rdi), %r9
	show	"first", %r9d, 8
	look	%r15
	mov	(%rdi), %r9
	show	"last", %r9d, 8

	xor	%ebx, %ebx		# the same 32 bits of address, below 4 GiB
	mov	%r14d, %r9d
	look	%r9
	cmp	%r12, (%rdi)
	sete	%bl
	mov	%r15d, %r9d
	look	%r9
	cmp	%r13, (%rdi)
	jne	2f
	or	$2, %ebx
2:	show	"below", %ebx, 1

	mov	$0xd0000000, %r9d
	look	%r9
	mov	(%rdi), %r9d
	show	"in the hole", %r9d, 8
	mov	$0, %al
	ret

many:
	show	"a memory map of so many entries:", %r8d, 8
	mov	$1, %al
	ret

	.data
	.globl	nonce
	.balign	8
nonce:	.quad	0
