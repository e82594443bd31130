# CR2 is a register that VMX does not switch. Two guests, each with a number of its own in there, until the host's timer
# has hit it four times: k for kept, l for lost.
#
# mode: long
# prints: k
# status: 0
# args: ticks=30000
# qemu: no, it looks at the hypervisor

	.include "start64.inc"
	.include "hv.inc"

main:
	call_begin
	hypercall WHO
	mov	%eax, %ebp
	add	$0x1000, %rbp
	mov	%rbp, %cr2
1:	hypercall TICKS
	mov	%cr2, %rdx
	cmp	%rbp, %rdx
	jne	lost
	cmp	$4, %eax
	jb	1b
	putc	'k'			# one letter, which nothing can come between
	mov	$0, %al
	ret
lost:
	putc	'l'
	mov	$1, %al
	ret
