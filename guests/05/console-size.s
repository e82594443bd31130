# How many columns and rows has the terminal? Then sleep until it has others, say them, and so on: the device
# interrupts when its configuration has changed. Where nobody knows a size, that is the end.
#
# mode: long
# devices: console
# prints: no size\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "virtio.inc"

	.set	CONSOLE, 3		# device id
	.set	F_SIZE, 1
	.set	CONFIG_GENERATION, 0xfc
	.set	LINE, 12		# of the last window, where the first device is

main:
	call	pic_to_cpu
	find_device CONSOLE
	movl	$0, DEVICE_FEATURES_SEL(%r15)
	mov	DEVICE_FEATURES(%r15), %eax
	test	$F_SIZE, %al
	jnz	1f
	print	"no size\n"
	mov	$0, %al
	ret
1:	pic_init
	gate	0x2c, on_interrupt	# of line 12
	lidt	idtr
	unmask	LINE
	negotiate F_SIZE
	driver_ok
again:
	movl	$0, changed
read:
	mov	CONFIG_GENERATION(%r15), %ebp
	mov	CONFIG(%r15), %ebx	# columns, and above them rows
	cmp	CONFIG_GENERATION(%r15), %ebp
	jne	read			# perhaps half of each
	print	"columns "
	hex	%ebx, 4
	shr	$16, %ebx
	show	" rows", %ebx, 4
sleep:
	cmpl	$0, changed
	jne	again
	sti
	hlt
	cli
	jmp	sleep

on_interrupt:
	push	%rax
	awake	8
	mov	INTERRUPT_STATUS(%r15), %eax
	mov	%eax, INTERRUPT_ACK(%r15)
	and	$2, %eax		# the configuration
	or	%eax, changed
	eoi_slave
	pop	%rax
	iretq

	.data
changed:
	.long	0
