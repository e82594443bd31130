# What only the most privileged level may do: control registers, a model-specific register, ports.
# Where the guest has that level only in its own belief, each of these is carried out by the VMM.
#
# mode: long
# prints: cr0.pg 1\ncr0.pe 1\ncr4.pae 1\ncr2 00000000\nefer.lme 1\nin 8 xxxxxxff\nin 16 xxxxffff\nin 32 ffffffff\nupper 00000000\ncr3 again\n
# status: 16
# qemu: yes

	.include "start64.inc"

	.set	NOBODY, 0x2f0		# a port at which nothing answers

main:
	mov	%cr0, %rbp
	bit	"cr0.pg", %ebp, 31
	bit	"cr0.pe", %ebp, 0
	mov	%cr4, %r15
	mov	%r15d, %ebp
	bit	"cr4.pae", %ebp, 5
	mov	nonce, %r8d
	mov	%r8, %cr2
	mov	%cr2, %r9
	mov	%r9d, %ebp
	show	"cr2", %ebp, 8
	mov	$0xc0000080, %ecx
	rdmsr
	mov	%eax, %ebp
	bit	"efer.lme", %ebp, 8
	mov	$0xc0000080, %ecx	# and back as it was
	rdmsr
	wrmsr

	mov	$NOBODY, %edx
	mov	$-1, %rax
	mov	$0x12345678, %eax
	in	%dx, %al
	mov	%eax, %ebp
	and	$0xff, %ebp
	print	"in 8 xxxxxx"
	hex	%ebp, 2
	putc	'\n'
	mov	$NOBODY, %edx
	mov	$0, %eax
	in	%dx, %ax
	mov	%eax, %ebp
	print	"in 16 xxxx"
	hex	%ebp, 4
	putc	'\n'
	mov	$NOBODY, %edx
	mov	$-1, %rax
	in	%dx, %eax
	mov	%rax, %r10
	mov	%eax, %ebp
	show	"in 32", %ebp, 8
	shr	$32, %r10
	mov	%r10d, %ebp
	show	"upper", %ebp, 8	# a 32-bit result clears the upper half

	mov	%cr3, %r11
	mov	%r11, %cr3
	mov	%cr3, %r12
	cmp	%r11, %r12
	jne	other
	print	"cr3 again\n"
other:
	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
