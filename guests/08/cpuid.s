# CPUID, which every hypervisor has to answer: what does the guest learn? And instructions with prefixes
# before them, which nobody needs and every CPU takes: the guest goes on right behind.
#
# mode: long
# prints: hypervisor 1\nvmmlab type1 40000000\nvmx 0\nsvm 0\nupper 00000000\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\nodd 6c6d6d76\n00000000\n
# status: 0
# qemu: no, QEMU is another hypervisor

	.include "start64.inc"

	.macro	text4 reg:req		# print the four characters in a register (it is changed)
	.rept	4
	mov	\reg, %eax
	out	%al, $0xe9
	shr	$8, \reg
	.endr
	.endm

	.macro	leaf number:req
	mov	$\number, %eax
	xor	%ecx, %ecx
	cpuid
	.endm

main:
	leaf	1
	mov	%ecx, %ebp
	bit	hypervisor, %ebp, 31
	leaf	0x40000000
	mov	%ecx, %r8d
	mov	%edx, %r9d
	mov	%eax, %r10d
	text4	%ebx
	text4	%r8d
	text4	%r9d
	putc	' '
	hex	%r10d, 8
	putc	'\n'
	bit	vmx, %ebp, 5
	leaf	0x80000001
	mov	%ecx, %ebp
	bit	svm, %ebp, 2

	mov	$-1, %rax		# the upper halves are cleared
	mov	%rax, %rbx
	mov	%rax, %rdx
	mov	$0x40000000, %eax
	mov	$0x4000000000000000, %rcx
	add	%rcx, %rax
	cpuid
	mov	%rax, %r8
	or	%rbx, %r8
	or	%rcx, %r8
	or	%rdx, %r8
	shr	$32, %r8
	show	upper, %r8d, 8

	.macro	odd bytes:vararg	# CPUID with prefixes
	mov	$0x40000000, %eax
	xor	%ecx, %ecx
	.byte	\bytes, 0x0f, 0xa2
	mov	%ebx, %ebp
	show	odd, %ebp, 8
	.endm
	odd	0x66
	odd	0xf3
	odd	0x48
	odd	0x2e, 0x36, 0x67, 0x4f
	odd	0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66
	mov	nonce, %ebx
	hex	%ebx, 8
	putc	'\n'
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
