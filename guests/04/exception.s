# Exceptions that no instruction of ours has caused. #GP and #PF bring an error code, #UD has none.
#
# mode: long
# prints: #GP error 00\nbehind OUT 1\n#UD\n#PF error 04\nstack kept 1\nno such vector\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "trigger.inc"

main:
	gate	6, on_ud
	gate	13, on_gp
	gate	14, on_pf
	lidt	idtr
	mov	%rsp, %r12

	mov	nonce, %bl
	and	$0xf8, %bl		# a selector, as the error code of #GP is one
	exception 13, %bl
behind_out:
	xor	%ebp, %ebp
	cmpl	$behind_out, came_at
	sete	%bpl
	show	"behind OUT", %ebp, 1
	exception 6, $0x55
	exception 14, $4
	xor	%ebp, %ebp
	cmp	%rsp, %r12
	sete	%bpl
	show	"stack kept", %ebp, 1
	exception 2, $0			# the NMI is no exception
	exception 32, $0
	exception 255, $0
	print	"no such vector\n"
	mov	$0, %al
	ret

# The handlers: %rax, %rcx, %rdx and %rsi are free to be changed.
on_gp:
	pop	%rbp			# the error code
	mov	(%rsp), %rax
	mov	%eax, came_at
	show	"#GP error", %ebp, 2
	iretq

on_ud:
	print	"#UD\n"
	iretq

on_pf:
	pop	%rbp
	show	"#PF error", %ebp, 2
	iretq

	.data
	.balign	8
nonce:	.quad	0
came_at: .long	0
