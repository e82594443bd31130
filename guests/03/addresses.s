# LIDT by all kinds of addresses, RIP's and EIP's among them, and with the 67h prefix, which leaves 32 bits
# of every sum. After each, UD2 finds its handler, or the guest is at its end.
#
# mode: long
# prints: rip eip edi sum index disp fs gs rsp rbp r12 r13 r15 esp end\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"

	.macro	try name:req, operand:vararg
	lidt	nothing
	lidt	\operand
	ud2
	print	"\name "
	.endm

main:
	gate	6, on_ud
	mov	$idtr, %r15d
	try	"rip", idtr(%rip)
	try	"eip", idtr(%eip)

	mov	$0xabcdef01, %edi	# the upper half is to be forgotten
	shl	$32, %rdi
	or	%r15, %rdi
	try	"edi", (%edi)
	mov	$0xfffffff0, %ebx	# and what the sum carries into it
	lea	0x10(%r15), %ecx
	try	"sum", (%ebx, %ecx)
	mov	$0xc0000000, %ecx	# 4 times that is 0 again, and 3 * 2^32
	try	"index", (%edi, %ecx, 4)
	lea	0x1000(%r15), %ebx
	try	"disp", -0x1000(%ebx)

	try	"fs", %fs:idtr		# their bases are 0
	try	"gs", %gs:idtr(%rip)

	mov	%rsp, %r14
	lea	-16(%r15), %rsp
	lidt	nothing
	lidt	16(%rsp)
	mov	%r14, %rsp
	ud2
	print	"rsp "
	lea	8(%r15), %rbp
	try	"rbp", -8(%rbp)
	mov	%r15, %r12		# these two have the numbers of RSP and RBP, but for one bit
	try	"r12", (%r12)
	mov	%r15, %r13
	try	"r13", 0(%r13)
	try	"r15", (%r15)
	mov	$0x5eed, %esp
	shl	$32, %rsp
	or	%r15, %rsp
	lidt	nothing
	lidt	(%esp)
	mov	%r14, %rsp
	ud2
	print	"esp end\n"
	xor	%eax, %eax
	ret

on_ud:	addq	$2, (%rsp)		# behind UD2
	iretq

	.data
	.balign	8
nothing:
	.word	0
	.quad	0
