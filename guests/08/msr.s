# The one model-specific register that a guest has here, EFER: read, NXE set, read again. SVME, which the
# host has, is not to be seen.
#
# mode: long
# prints: 00000000 00000500\n00000000 00000d00\n00000000\n
# status: 0
# qemu: no, there are more MSRs

	.include "start64.inc"

	.set	EFER, 0xc0000080

	.macro	efer			# read it, and print it
	mov	$EFER, %ecx
	mov	$-1, %rax
	mov	%rax, %rdx
	rdmsr
	mov	%rax, %rbx
	mov	%rdx, %rbp
	hex	%ebp, 8
	putc	' '
	hex	%ebx, 8
	putc	'\n'
	shr	$32, %rbx		# the upper halves are cleared
	shr	$32, %rbp
	or	%ebp, %ebx
	jnz	wrong
	.endm

main:
	efer
	mov	$0xd00, %eax		# LMA, NXE, LME
	xor	%edx, %edx
	mov	$EFER, %ecx
	wrmsr
	efer
	mov	nonce, %ebx
	hex	%ebx, 8
	putc	'\n'
	mov	$0, %al
	ret
wrong:
	print	"the upper halves of RAX and RDX are not zero\n"
	mov	$1, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
