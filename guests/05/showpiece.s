# A whole machine in one guest. It reads a greeting from a virtio disk, says it by a virtio console,
# draws it on the text screen, sleeps for ten ticks of the timer, and asks the network's router four
# times, a tick apart, whether it is alive. Then it powers off.
#
# mode: long
# devices: blk, console, net
# args: --vga=ram
# prints: DISK\nten ticks of the timer\nthe router answers: 1 2 3 4\n
# status: 0
# qemu: no, the screen needs q35 and the devices microvm

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "blk.inc"
	.include "net.inc"

	.set	CONSOLE, 3		# device id
	.set	CONSOLE_TX, 1		# its transmit queue
	.set	SCREEN, 0xb8000
	.set	ROW, 160		# bytes: 80 cells of a character and its colours
	.set	YELLOW_ON_BLUE, 0x1e

	virtqueue con, 2

main:
	call	pic_to_cpu
	call	read_greeting
	call	say_it
	call	draw_it
	call	ten_ticks
	call	ping_the_router
	mov	$0, %al			# power off
	ret

# Sector 0 of the disk is a text, filled up with zeros; if it is empty, that is what we say.
read_greeting:
	blk_begin
	ask	IN, 0, 512
	xor	%ebx, %ebx
1:	cmpb	$0, data(%rbx)
	je	2f
	inc	%ebx
	cmp	$512, %ebx
	jb	1b
2:	test	%ebx, %ebx
	jnz	3f
	mov	$nothing, %esi
	mov	$data, %edi
	mov	$nothing_end-nothing, %ecx
	mov	%ecx, %ebx
	rep movsb
3:	mov	%ebx, length
	ret

# One buffer, one notification, however long it is.
say_it:
	find_device CONSOLE
	negotiate
	set_up_queue CONSOLE_TX, con
	driver_ok
	describe con, 0, data, 0
	mov	length, %eax
	mov	%eax, con_desc + 8
	offer	con, 0
	notify	CONSOLE_TX
	await	con
	ret

# A blue screen, and the greeting's first line in the middle of it.
draw_it:
	cld
	mov	$SCREEN, %edi
	mov	$YELLOW_ON_BLUE << 8 | ' ', %eax
	mov	$25 * ROW / 2, %ecx
	rep stosw
	mov	$data, %esi
	mov	length, %ecx
	mov	$SCREEN + 12 * ROW, %edi
	mov	$80, %edx		# half of what is left of the row goes before it
	sub	%ecx, %edx
	and	$-2, %edx
	add	%edx, %edi
1:	lodsb
	cmp	$' ', %al		# the end of the line, or of the text
	jb	2f
	stosw
	loop	1b
2:	ret

# Channel 0 of the timer, 100 times a second. The CPU sleeps in between.
ten_ticks:
	gate	0x20, on_tick
	lidt	idtr
	pic_init
	out8	0x43, 0x34		# mode 2, low byte, then high byte
	out8	0x40, 11932 & 0xff
	out8	0x40, 11932 >> 8
	unmask	0
	mov	$10, %ebx
	call	sleep
	print	"ten ticks of the timer\n"
	ret

# For %ebx ticks.
sleep:
	movl	$0, ticks
1:	sti
	hlt
	cli
	cmp	%ebx, ticks
	jb	1b
	ret

on_tick:
	push	%rax
	awake	8
	incl	ticks
	eoi
	pop	%rax
	iretq

# By ARP: who has 10.0.2.2? By ICMP: an echo, four times.
ping_the_router:
	net_begin
	send	who_has, 42
	mov	$ARP, %ebp
	call	receive
	mov	22(%r14), %eax		# the sender's address
	mov	%eax, ping
	mov	26(%r14), %ax
	mov	%ax, ping + 4
	print	"the router answers:"
	movb	$'1', number
1:	call	checksum
	send	ping, ping_end-ping
2:	mov	$IPV4, %ebp
	call	receive
	cmpb	$1, 14 + 9(%r14)	# ICMP,
	jne	2b
	cmpb	$0, 14 + 20(%r14)	# an echo reply
	jne	2b
	putc	' '
	mov	14 + 20 + 8(%r14), %al	# what we have sent, back again
	out	%al, $0xe9
	mov	$1, %ebx
	call	sleep
	incb	number
	cmpb	$'4', number
	jbe	1b
	putc	'\n'
	ret

# The Internet checksum (RFC 1071) of the ICMP message: the sum of its words, carries added again.
checksum:
	movw	$0, icmp + 2
	mov	$icmp, %esi
	mov	$(ping_end - icmp) / 2, %ecx
	xor	%edx, %edx
1:	lodsw
	add	%ax, %dx
	adc	$0, %dx
	loop	1b
	not	%edx
	mov	%dx, icmp + 2
	ret

	.data
	.macro	us
	.byte	0x52, 0x54, 0x00, 0x12, 0x34, 0x56
	.endm

who_has:
	.byte	0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	us
	.short	ARP
	.byte	0, 1, 8, 0, 6, 4, 0, 1	# Ethernet and IPv4; a request
	us
	.byte	10, 0, 2, 15
	.skip	6
	.byte	10, 0, 2, 2

	.balign	2
ping:	.skip	6
	us
	.short	IPV4
	.byte	0x45, 0, 0, ping_end - ping - 14
	.byte	0, 0, 0, 0, 64, 1	# ICMP
	.byte	0x62, 0xcf		# the header's checksum
	.byte	10, 0, 2, 15
	.byte	10, 0, 2, 2
icmp:	.byte	8, 0, 0, 0		# an echo request; its checksum
	.byte	0x12, 0x34, 0, 1	# who, and the how manieth
number:	.byte	0, 0
ping_end:

nothing:
	.ascii	"The disk has nothing to say.\n"
nothing_end:

	.bss
	.balign	4
length:	.skip	4
ticks:	.skip	4
