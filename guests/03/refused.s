# What the emulated CPU of the VMM's own tables refuses: bits that it does not have in CR0, CR3, CR4 and
# EFER, each with #GP. Then OUTS from the end to the beginning, and with 32-bit addresses, where the upper
# halves of RSI and RCX do not count.
#
# mode: long
# prints: cr0.nw gp\ncr3 bit 60 gp\ncr4 without pae gp\ncr4 bit 31 gp\nefer bit 1 gp\nefer without lme gp\n
# prints: backwards 0000\n32 bits 0000\n
# status: 0
# qemu: no, its own CPU lets some of these bits pass

	.include "start64.inc"
	.include "idt.inc"

	.set	EFER, 0xc0000080

	# Is the instruction refused?
	.macro	try name:req, insn:vararg
	xor	%ebx, %ebx
	movq	$.Lbehind\@, resume
	\insn
.Lbehind\@:
	print	"\name "
	call	verdict
	.endm

main:
	gate	13, on_gp
	lidt	idtr
	mov	%cr0, %rdi
	bts	$29, %rdi
	try	"cr0.nw", mov %rdi, %cr0
	mov	%cr3, %rdi
	bts	$60, %rdi
	try	"cr3 bit 60", mov %rdi, %cr3
	mov	%cr4, %rdi
	btr	$5, %rdi
	try	"cr4 without pae", mov %rdi, %cr4
	mov	%cr4, %rdi
	bts	$31, %rdi
	try	"cr4 bit 31", mov %rdi, %cr4
	mov	$EFER, %ecx
	rdmsr
	bts	$1, %eax
	try	"efer bit 1", wrmsr
	mov	$EFER, %ecx
	rdmsr
	btr	$8, %eax
	try	"efer without lme", wrmsr

	mov	nonce, %eax		# four digits of the nonce, the last first
	mov	$digits + 3, %edi
	mov	$4, %ecx
1:	mov	%eax, %edx
	and	$7, %edx
	add	$'0', %dl
	mov	%dl, (%rdi)
	shr	$3, %eax
	dec	%edi
	dec	%ecx
	jnz	1b
	print	"backwards "
	mov	$digits + 3, %esi
	mov	$4, %ecx
	mov	$0xe9, %edx
	std
	rep outsb
	cld
	print	"\n32 bits "
	movabs	$0x700000000 + digits, %rsi
	mov	$0x100000004, %rcx
	mov	$0xe9, %edx
	addr32 rep outsb
	putc	'\n'
	mov	$0, %al
	ret

verdict:
	test	%ebx, %ebx
	jz	1f
	print	"gp\n"
	ret
1:	print	"taken\n"
	ret

on_gp:
	inc	%ebx
	mov	resume, %rax
	mov	%rax, 8(%rsp)
	add	$8, %rsp
	iretq

	.data
	.balign	8
nonce:	.quad	0
resume:	.quad	0
digits:	.skip	4
