# The host's timer takes the CPU, and the guest sees nothing of it but that time passes: no interrupt comes in
# here, although IF is set and the vector is the host's.
#
# mode: long
# prints: ticks have passed 00000000\nstolen 0\n
# status: 0
# args: ticks=30000
# qemu: no, it looks at the hypervisor

	.include "start64.inc"
	.include "idt.inc"
	.include "hv.inc"

main:
	call_begin
	gate	0x20, on_interrupt
	lidt	idtr
	sti
1:	mov	$200000, %ecx
2:	loop	2b
	hypercall TICKS
	cmp	$3, %eax
	jb	1b
	cli
	mov	nonce, %ebp
	show	"ticks have passed", %ebp, 8
	mov	stolen, %ebp
	show	stolen, %ebp, 1
	mov	$0, %al
	ret

on_interrupt:
	incl	stolen
	iretq

	.data
	.balign	8
nonce:	.quad	0
stolen:	.long	0
