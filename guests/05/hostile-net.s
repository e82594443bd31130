# Frames that no driver would send, and buffers that none would offer. Each must come back, nothing
# may be sent on, and the card works on: at the end it asks by ARP who the router is. The numbers are
# rows of a list of what guests may do.
#
# mode: long
# devices: net
# prints: row 42: 5 bytes of header, length 00000000\n
# prints: row 42: header without a frame, length 00000000\n
# prints: row 42: 13 bytes of frame, length 00000000\nrow 42: 1519 bytes of frame, length 00000000\n
# prints: row 42: a frame of 1 MiB, length 00000000\nrow 42: segmentation wanted, length 00000000\n
# prints: row 42: a checksum wanted, length 00000000\nrow 42: not readable, length 00000000\n
# prints: row 43: room for 20 bytes: back 1, length 00000000\n
# prints: afterwards the router is 52550a000202\n
# status: 0
# qemu: no, it gives up the device where ours drops the frame

	.include "start64.inc"
	.include "net.inc"

	.macro	bad_chain row:req
	offer	tx, 0
	notify	TX
	await	tx
	show	"row \row, length", tx_used + 8, 8
	.endm

	# Send one buffer as it is, and see with which length it comes back.
	.macro	bad row:req, len:req, flags=0
	movl	$\flags, sending	# the header's first two bytes: flags, gso_type
	describe tx, 0, sending, \len
	bad_chain "\row"
	.endm

main:
	net_begin
	mov	$who_has, %esi
	mov	$sending + HEADER, %edi
	mov	$42, %ecx
	rep movsb
	bad	"42: 5 bytes of header", 5
	bad	"42: header without a frame", HEADER
	bad	"42: 13 bytes of frame", HEADER+13
	bad	"42: 1519 bytes of frame", HEADER+1519
	bad	"42: a frame of 1 MiB", 0x100000
	bad	"42: segmentation wanted", HEADER+42, 0x0100
	bad	"42: a checksum wanted", HEADER+42, 0x0001
	describe tx, 0, sending, HEADER + 42, WRITE
	bad_chain "42: not readable"

	# Had one of these been sent, its answer would have taken the first receive buffer.
	movl	$0, sending
	movl	$20, rx_desc + 8	# now that one is small
	send	who_has, 42
	mov	$100000000, %ecx	# whoever answers may take some time
1:	mov	rx_used + 2, %ax
	cmp	seen, %ax
	jne	2f
	pause
	dec	%ecx
	jnz	1b
2:	print	"row 43: room for 20 bytes: back "
	hex	rx_used + 2, 1
	print	", length "
	hex	rx_used + 8, 8
	putc	'\n'
	incw	seen
	send	who_has, 42
	mov	$ARP, %ebp
	call	receive
	lea	22(%r14), %r10		# the sender's address
	print	"afterwards the router is "
	mov	$6, %r8d
next:
	movzbl	(%r10), %r9d
	hex	%r9d, 2
	inc	%r10
	dec	%r8d
	jnz	next
	putc	'\n'
	mov	$0, %al
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
