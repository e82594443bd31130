# Interrupts only where they are wanted: with EVENT_IDX the driver says by used_event of which used
# element it wants to hear, and the device says by avail_event of which chain it wants a notification.
#
# The low three bits of the nonce say of how many elements the driver does not want to hear.
#
# mode: long
# devices: rng
# prints: element 0: interrupt 1 avail_event 1\nelement 1: interrupt 1 avail_event 2\n
# prints: two by one notification: interrupt 1 avail_event 4\nflags 0\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 4

	.set	used_event, q_avail + 4 + 2 * 4
	.set	avail_event, q_used + 4 + 8 * 4

	.macro	report
	print	": interrupt "
	mov	INTERRUPT_STATUS(%r15), %ebp
	hex	%ebp, 1
	print	" avail_event "
	movzwl	avail_event, %ebp
	hex	%ebp, 1
	putc	'\n'
	acknowledge
	.endm

	.macro	element
	print	"element "
	movzwl	q_used + 2, %ebp
	dec	%ebp
	hex	%ebp, 1
	.endm

main:
	find_device 4
	negotiate EVENT_IDX
	set_up_queue 0, q
	describe q, 0, buffer, 16, WRITE
	describe q, 1, buffer, 16, WRITE
	movw	$1, q_avail		# NO_INTERRUPT: does not count with EVENT_IDX
	driver_ok

	offer	q, 0			# used_event is 0: it wants to hear of the first
	notify	0
	await	q
	element
	report
	movzwl	nonce, %r14d
	and	$7, %r14d
	lea	1(%r14d), %eax
	mov	%ax, used_event
more:
	offer	q, 0
	notify	0
	await	q
	element
	report
	dec	%r14d
	jns	more

	mov	q_used + 2, %ax		# of the first of the next two
	mov	%ax, used_event
	offer	q, 0
	offer	q, 1
	notify	0
	await	q
	print	"two by one notification"
	report
	show	"flags", q_used, 1
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
buffer:	.skip	16
