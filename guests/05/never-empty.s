# A driver that is never content: what has been used is available again at once, so that the queue is
# never empty, and a device that wants to see its end would work for ever. Others want their turn: here it
# is the timer, which has to tick ten times meanwhile.
#
# mode: long
# devices: rng
# prints: ten ticks\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "virtio.inc"
	.include "ring3.inc"

	.set	SIZE, 256

	virtqueue q, SIZE

main:
	call	pic_to_cpu
	find_device 4
	negotiate
	set_up_queue 0, q
	.set	number, 0
	.rept	SIZE
	describe q, number, buffer, 4096, WRITE
	movw	$number, q_avail + 4 + 2 * number
	.set	number, number + 1
	.endr
	movw	$1, q_avail		# VIRTQ_AVAIL_F_NO_INTERRUPT
	driver_ok
	pic_init
	gate	0x20, on_tick
	lidt	idtr
	out8	0x43, 0x34		# channel 0, mode 2, low byte, then high byte
	out8	0x40, 11932 & 0xff	# 100 times a second
	out8	0x40, 11932 >> 8
	unmask	0
	sti
	call	ring3			# it has to be fast
	xor	%ebx, %ebx
	movl	$0, ticks
fill:
	mov	q_used + 2, %ax
	cmp	%ax, %bx
	je	1f
	mov	%eax, %ebx
	xor	%ebp, %ebp
1:	add	$SIZE, %ax
	mov	%ax, q_avail + 2
	inc	%ebp			# a notification, but only if nothing is done for a while
	test	$0xfff, %ebp
	jnz	2f
	notify	0
2:	cmpl	$10, ticks
	jb	fill
	print	"ten ticks\n"
	exit	$0

on_tick:
	push	%rax
	incl	ticks
	eoi
	pop	%rax
	iretq

	.bss
	.balign	8
ticks:	.skip	8
buffer:	.skip	4096
