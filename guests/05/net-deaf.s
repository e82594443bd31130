# A guest that does not listen. It calls somebody on the host, who then sends without end, and hears the
# first frame of that; its only buffer is used up then. It says something else on the console, many times.
# Then it has a buffer again, and hears again.
#
# The nonce's low 16 bits are the host's port; the next 24 say how many full stops it prints meanwhile.
#
# mode: long
# devices: net
# prints: something else\n
# status: 16
# qemu: no, somebody at that port has to answer

	.include "start64.inc"
	.include "router.inc"

main:
	net_begin
	call	find_router
	mov	22(%r14), %eax		# the sender's address
	mov	%eax, call_it
	mov	26(%r14), %ax
	mov	%ax, call_it + 4
	mov	nonce, %ax
	xchg	%al, %ah
	mov	%ax, udp + 2

	negotiate NET_F_MAC		# from the beginning, with one buffer
	set_up_queue RX, rx
	set_up_queue TX, tx
	movw	$0, seen
	driver_ok
	describe rx, 0, buffers, ROOM, WRITE
	offer	rx, 0
	notify	RX
	send	call_it, call_end-call_it
	call	hear
	print	"it sends\n"
	mov	nonce + 2, %ebx
	and	$0xffffff, %ebx
1:	putc	'.'
	dec	%ebx
	jns	1b
	putc	'\n'
	offer	rx, 0
	notify	RX
	call	hear
	print	"it still sends\n"
	mov	$0, %al
	ret

# The one buffer: wait until it has come back, with a frame of UDP in it.
hear:
	await	rx
	cmpb	$17, buffers + HEADER + 23
	jne	1f
	ret
1:	print	"something else\n"
	exit	$16

	.data
call_it:
	.skip	6
	us
	.short	IPV4
	.byte	0x45, 0, 0, 28
	.byte	0, 0, 0, 0, 64, 17
	.byte	0x62, 0xc1		# the header's checksum
	.byte	10, 0, 2, 15
	.byte	10, 0, 2, 2
udp:	.byte	0xc0, 0, 0, 0, 0, 8, 0, 0
call_end:

	.balign	8
nonce:	.quad	0
