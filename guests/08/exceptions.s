# Exceptions that the hypervisor raises: with an error code, which lies on the stack, and without one. Then one
# that is the guest's own mistake, an MSR that does not exist: its RIP is that of the instruction.
#
# mode: long
# prints: #GP 0000 at 1\n#UD at 1\n#GP 0000 at 1\n
# status: 0
# qemu: no, there is no hypervisor

	.include "start64.inc"
	.include "idt.inc"
	.include "hv.inc"

main:
	call_begin
	gate	6, on_ud
	gate	13, on_gp
	lidt	idtr
	mov	nonce, %esi
	and	$0xfff8, %esi
	movl	$1f, expected
	movl	$1f, after
	mov	$13, %edi
	mov	$EXCEPTION, %eax
	cmpb	$0, intel
	jne	2f
	vmmcall
1:	nop
	jmp	4f
2:	movl	$3f, expected
	movl	$3f, after
	vmcall
3:	nop
4:	movl	$1f, expected
	mov	$6, %edi
	mov	$-1, %rsi
	movl	$1f, expected
	movl	$1f, after
	mov	$EXCEPTION, %eax
	cmpb	$0, intel
	jne	2f
	vmmcall
1:	nop
	jmp	4f
2:	movl	$3f, expected
	movl	$3f, after
	vmcall
3:	nop
4:	movl	$5f, expected
	movl	$6f, after
	mov	$0x4b564d00, %ecx
5:	rdmsr
6:	mov	$0, %al
	ret

on_gp:
	pop	%rbx
	print	"#GP "
	hex	%ebx, 4
	jmp	where
on_ud:
	print	"#UD"
where:
	xor	%ebp, %ebp
	mov	expected, %eax
	cmp	%rax, (%rsp)
	sete	%bpl
	print	" at "
	hex	%ebp, 1
	putc	'\n'
	mov	after, %eax
	mov	%rax, (%rsp)
	iretq

	.data
	.balign	8
nonce:	.quad	0
expected:
	.long	0
after:	.long	0
