# A page fault that no handler can be entered for, although the interrupt table is there: the stack lies
# where nothing is mapped, so that nothing can be pushed, for the double fault neither. With a nonce that is
# odd the stack is good, but both gates say "not present".
#
# mode: long
# prints: no stack\n
# status: 3
# qemu: no, there it is a reset

	.include "start64.inc"
	.include "idt.inc"
	.include "tables.inc"

main:
	call	make_window
	gate	14, on_fault
	gate	8, on_fault
	lidt	idtr
	testb	$1, nonce
	jnz	no_gates
	print	"no stack\n"
	mov	$WINDOW + 4096, %esp
	jmp	fault
no_gates:
	print	"no gates\n"
	movw	$0x0e00, idt + 16 * 14 + 4
	movw	$0x0e00, idt + 16 * 8 + 4
fault:
	mov	WINDOW + 5 * 4096, %eax
on_fault:
	print	"handler\n"
	exit	$0

	.data
	.balign	8
nonce:	.quad	0
