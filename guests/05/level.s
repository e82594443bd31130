# Five requests, and an interrupt for each: with the device's line as it is after a reset, which is by
# edges; then level-triggered, as firmware sets those lines in ELCR that its tables call so; and so once
# more with a handler that ends the interrupt (EOI) before it acknowledges it at the device. It is
# InterruptACK that lowers the line: until then it must stay up, and not longer. (In the last case the
# slave asks once more, after EOI, and the master keeps that as an edge of its line 2. When the CPU
# comes to acknowledge it, the device has been acknowledged: a spurious interrupt, as on a PC.)
#
# mode: long
# devices: rng
# prints: by edges: interrupts 05 for nothing 00 spurious 00\n
# prints: by level: interrupts 05 for nothing 00 spurious 00\n
# prints: EOI first: interrupts 05 for nothing 00 spurious 05\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "virtio.inc"

	.set	LINE, 12		# of the last window, where the first device is
	.set	ELCR2, 0x4d1		# the slave's lines: 1 is level-triggered

	virtqueue q, 4

main:
	call	pic_to_cpu
	find_device 4
	print	"by edges:"
	call	five_requests
	mov	$1 << (LINE - 8), %ebp
	print	"by level:"
	call	five_requests
	movb	$1, eoi_first
	print	"EOI first:"
	call	five_requests
	mov	$0, %al
	ret

# %ebp: what ELCR2 shall be.
five_requests:
	pic_init
	mov	$ELCR2, %edx
	mov	%ebp, %eax
	out	%al, %dx
	gate	0x2c, on_interrupt
	gate	0x2f, on_spurious	# what the slave says when the request has gone
	lidt	idtr
	negotiate
	set_up_queue 0, q
	describe q, 0, buffer, 16, WRITE
	driver_ok
	movl	$0, count
	movl	$0, nothing
	movl	$0, spurious
	unmask	LINE
	mov	$5, %ebx
again:
	mov	count, %edi
	offer	q, 0
	notify	0
	await	q
	sti
	mov	$2000, %r12d		# time for the interrupt: another thread may bring it
1:	in	$0xe9, %al
	cmp	%edi, count
	jne	2f
	dec	%r12d
	jnz	1b
2:	settle				# and for one too many
	cli
	dec	%ebx
	jnz	again
	mov	%ebp, %r13d
	print	" interrupts "
	mov	count, %ebp
	hex	%ebp, 2
	print	" for nothing "
	mov	nothing, %ebp
	hex	%ebp, 2
	print	" spurious "
	mov	spurious, %ebp
	hex	%ebp, 2
	putc	'\n'
	mov	%r13d, %ebp
	ret

on_interrupt:
	push	%rax
	cmpb	$0, eoi_first
	je	1f
	eoi_slave
1:	mov	INTERRUPT_STATUS(%r15), %eax
	test	%eax, %eax
	jz	2f
	incl	count
	mov	%eax, INTERRUPT_ACK(%r15)
	jmp	3f
2:	incl	nothing			# it does not say why
3:	cmpb	$0, eoi_first
	jne	4f
	eoi_slave
4:	pop	%rax
	iretq

on_spurious:
	push	%rax
	incl	spurious
	eoi				# of the master only: nothing is in service in the slave
	pop	%rax
	iretq

	.data
	.balign	8
count:	.long	0
nothing: .long	0
spurious: .long	0
eoi_first: .byte 0
	.bss
buffer:	.skip	16
