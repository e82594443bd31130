# A register that only this VMM knows: read, written, read; then the one behind it, which nobody knows.
# (A #GP before that ends it.) Which one, says the nonce's low half; what is written is its upper half, twice.
#
# mode: long
# args: --msr=0=0x123456789abcdef0
# prints: read 123456789abcdef0\nwritten 0000000000000000\nthe next one: #GP\nto write it: #GP\n
# status: 0
# qemu: no, that register is ours

	.include "start64.inc"
	.include "idt.inc"

	.macro	read name:req
	movl	$gone, after
	mov	%r12d, %ecx
	rdmsr
	mov	%eax, %r8d
	mov	%edx, %r9d
	print	"\name "
	hex	%r9d, 8
	hex	%r8d, 8
	putc	'\n'
	.endm

main:
	gate	13, on_gp
	lidt	idtr
	mov	nonce, %r12d
	mov	nonce + 4, %r13d
	read	"read"
	mov	%r12d, %ecx
	mov	%r13d, %eax
	mov	%r13d, %edx
	wrmsr
	read	"written"
	lea	0x7f0000(%r12), %r12d	# far from all that there is
	print	"the next one: "
	mov	%r12d, %ecx
	movl	$1f, after
	rdmsr
	print	"there\n"
1:	print	"to write it: "
	mov	%r12d, %ecx
	movl	$2f, after
	wrmsr
	print	"there\n"
2:	mov	$0, %al
	ret
gone:
	mov	$1, %al			# it is nobody's either
	ret

on_gp:
	print	"#GP\n"
	add	$8, %rsp		# the error code
	mov	after, %eax
	mov	%rax, (%rsp)
	iretq

	.data
	.globl	nonce
	.balign	8
nonce:	.quad	0
after:	.long	0
