# Events that an instruction has made, and that meet a violation on their way: the stack lies in a page that nobody
# has touched yet. RIP is still at the instruction, and the guest does it again by itself. Who gives it as an event
# besides lets it happen twice, or return into the middle of one that has a prefix.
#
# mode: long
# prints: int 1 at 1\nint3 1 at 1\nlong int 1 at 1\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"

	.set	STACKS, 0x180000	# and a page for each

	# How often has it come in, and does it return behind the instruction?
	.macro	try name:req, place:req, instruction:vararg
	mov	$STACKS + \place, %esp
	movl	$.Lbehind\@, expected
	\instruction
.Lbehind\@:
	mov	%r15, %rsp
	print	"\name "
	mov	%r12d, %ebp
	hex	%ebp, 1
	print	" at "
	mov	%r13d, %ebp
	hex	%ebp, 1
	putc	'\n'
	xor	%r12d, %r12d
	.endm

main:
	gate	3, on_int
	gate	0x20, on_int
	lidt	idtr
	mov	%rsp, %r15
	xor	%r12d, %r12d
	try	int, 0x1000, int $0x20
	try	int3, 0x3000, int3
	try	"long int", 0x5000, .byte 0x66, 0xcd, 0x20
	mov	$0, %al
	ret

on_int:
	inc	%r12d
	xor	%r13d, %r13d
	mov	expected, %eax
	cmp	%rax, (%rsp)
	sete	%r13b
	iretq

	.data
	.balign	8
expected:
	.long	0
