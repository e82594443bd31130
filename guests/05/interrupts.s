# Sleep until the device has answered: a notification, then HLT; the interrupt comes when the chain is used.
# As many times as the low three bits of the nonce say, and twice more. Then one request without an
# interrupt, because the driver does not want one.
#
# mode: long
# devices: rng
# prints: requests 2\ninterrupts 2\nfor used buffers 1\nacknowledged 0\nnot wanted 0\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "virtio.inc"

	virtqueue q, 4

	.set	LINE, 12		# of the last window, where the first device is

main:
	call	pic_to_cpu
	pic_init
	gate	0x2c, on_interrupt	# of line 12
	lidt	idtr
	unmask	LINE
	find_device 4
	negotiate
	set_up_queue 0, q
	describe q, 0, buffer, 16, WRITE
	driver_ok

	mov	nonce, %ebp
	and	$7, %ebp
	add	$2, %ebp
	mov	%ebp, %ebx
again:
	offer	q, 0
	notify	0
sleep:
	sti
	hlt
	cli
	mov	q_used + 2, %ax
	cmp	q_avail + 2, %ax
	jne	sleep
	dec	%ebp
	jnz	again
	show	"requests", %ebx, 1
	show	"interrupts", count, 1
	show	"for used buffers", why, 1
	mov	INTERRUPT_STATUS(%r15), %ebp
	show	"acknowledged", %ebp, 1

	movl	$0, count
	movw	$1, q_avail		# VIRTQ_AVAIL_F_NO_INTERRUPT
	offer	q, 0
	notify	0
	await	q
	mov	INTERRUPT_STATUS(%r15), %ebp	# the device has done all that it will do
	sti
	settle
	cli
	show	"not wanted", count, 1
	mov	$0, %al
	ret

on_interrupt:
	push	%rax
	awake	8
	incl	count
	mov	INTERRUPT_STATUS(%r15), %eax
	or	%eax, why
	mov	%eax, INTERRUPT_ACK(%r15)
	eoi_slave
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
count:	.long	0			# of interrupts
why:	.long	0			# all that INTERRUPT_STATUS has said
	.bss
buffer:	.skip	16
