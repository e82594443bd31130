# A network card with up to 32 pings under way, in frames of 64 bytes or of 1442. libslirp, which plays the
# router, answers each by itself; for every answer the next one goes out.
# For `./lab bench LAB=05`; how many, and which options: see guests/lib/busy.inc.
#
# mode: long
# devices: net
# prints: packets 00000010\nbytes 00000400\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "busy.inc"

	.set	NET, 1			# device id
	.set	NET_F_MAC, 1 << 5
	.set	DEPTH, 32
	.set	ROOM, 2048		# of each buffer
	.set	HEADER, 12		# bytes in front of each frame
	.set	SMALL_FRAME, 64		# bytes, from Ethernet's header on
	.set	LARGE_FRAME, 1442

	# All that goes out is the same buffer. Answers come in the order of what they answer: a
	# descriptor of 64 that is offered again was used 32 answers ago.
	virtqueue rx, 32
	virtqueue tx, 64

	.bss
	.balign	16
buffers:
	.skip	DEPTH * ROOM
	.text

main:
	begin_busy
	find_device NET
	negotiate_busy NET_F_MAC
	set_up_queue 0, rx
	set_up_queue 1, tx
	movw	$1, tx_avail		# NO_INTERRUPT: that something has gone is no news
	driver_ok
	xor	%ebx, %ebx		# receive buffers that have come back
	call	describe_all
	call	find_router
	call	make_ping
	call	to_user

	xor	%r10d, %r10d		# bytes received
fill:	call	ping_once
	dec	%r13d
	jz	caught_up
	mov	%r14d, %eax
	sub	%r13d, %eax
	cmp	$DEPTH, %eax
	jne	fill
caught_up:
	tell	rx, 0
	tell	tx, 1
	mov	tx_used + 2, %ax	# with EVENT_IDX: no interrupt for the next 32768
	add	$0x8000, %ax
	mov	%ax, tx_avail + 4 + 2 * tx_size
	doze	rx, bx
next:	cmp	%bx, rx_used + 2
	je	caught_up
	call	take			# %ecx: the descriptor, %r8: the frame, %r9d: its length
	cmp	%r11d, %r9d		# as long as the ping,
	jne	other
	cmpb	$1, 14 + 9(%r8)		# ICMP,
	jne	other
	cmpb	$0, 14 + 20(%r8)	# an echo reply
	jne	other
	add	%r9d, %r10d
	inc	%ebp
	give	rx, 0
	test	%r13d, %r13d
	jz	last
	dec	%r13d
	call	ping_once
	jmp	next
other:	give	rx, 0
	jmp	next
last:	cmp	%ebp, %r14d
	jne	next

	from_user
	show	"packets", %ebp, 8
	show	"bytes", %r10d, 8
	tally
	mov	$0, %al
	ret

# What has come next: it must be there.
take:	mov	%ebx, %eax
	inc	%ebx
	and	$rx_size - 1, %eax
	mov	rx_used + 4(, %rax, 8), %ecx
	mov	rx_used + 8(, %rax, 8), %r9d
	sub	$HEADER, %r9d
	mov	%ecx, %r8d
	shl	$11, %r8d		# times ROOM
	add	$buffers + HEADER, %r8d
	ret

ping_once:
	movzwl	tx_avail + 2, %ecx
	and	$tx_size - 1, %ecx
	give	tx, 1
	ret

# All receive buffers are offered; all that is sent lies at sending.
describe_all:
	xor	%ecx, %ecx
	mov	$buffers, %edi
1:	mov	%ecx, %eax
	shl	$4, %eax
	mov	%rdi, rx_desc(%rax)
	movl	$ROOM, rx_desc + 8(%rax)
	movl	$WRITE, rx_desc + 12(%rax)
	add	$ROOM, %edi
	mov	%cx, rx_avail + 4(, %rcx, 2)
	inc	%ecx
	cmp	$rx_size, %ecx
	jne	1b
	mov	%cx, rx_avail + 2
	tell	rx, 0
	mov	$42, %r11d		# the ARP request comes first
size_tx:
	xor	%ecx, %ecx
1:	mov	%ecx, %eax
	shl	$4, %eax
	movq	$sending, tx_desc(%rax)
	lea	HEADER(%r11), %edx
	mov	%edx, tx_desc + 8(%rax)
	movl	$0, tx_desc + 12(%rax)
	inc	%ecx
	cmp	$tx_size, %ecx
	jne	1b
	ret

# Ask who the router is: then it knows us, too. Its address comes with the answer.
find_router:
	call	ping_once
	tell	tx, 1
1:	cmp	%bx, rx_used + 2
	je	1b
	call	take
	give	rx, 0
	cmpw	$0x0608, 12(%r8)	# ARP, as it lies in memory
	jne	1b
	mov	22(%r8), %eax		# the sender's address
	mov	%eax, frame
	mov	26(%r8), %ax
	mov	%ax, frame + 4
2:	mov	tx_used + 2, %ax	# until the request has come back: its buffer is made anew
	cmp	tx_avail + 2, %ax
	jne	2b
	ret

# The ping, in frame; %r11d: its length.
make_ping:
	mov	$SMALL_FRAME, %r11d
	test	$LARGE, %r12b
	jz	1f
	mov	$LARGE_FRAME, %r11d
1:	mov	$ip, %esi
	mov	$frame + 12, %edi
	mov	$ip_end - ip, %ecx
	rep movsb
	lea	-14(%r11), %eax		# the length of the IP packet, high byte first
	xchg	%al, %ah
	mov	%ax, frame + 16
	mov	$frame + 14, %esi
	mov	$10, %ecx
	call	checksum
	mov	%dx, frame + 24
	lea	-34(%r11), %ecx
	shr	$1, %ecx
	mov	$frame + 34, %esi
	call	checksum
	mov	%dx, frame + 36
	jmp	size_tx

# The Internet checksum (RFC 1071) of %ecx words at %esi, in %dx.
checksum:
	xor	%edx, %edx
1:	lodsw
	add	%ax, %dx
	adc	$0, %dx
	dec	%ecx
	jnz	1b
	not	%edx
	ret

	.data
	.balign	8
sending:
	.skip	HEADER			# a header that asks for nothing
frame:	.byte	0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	.byte	0x52, 0x54, 0x00, 0x12, 0x34, 0x56
	.byte	8, 6			# ARP
	.byte	0, 1, 8, 0, 6, 4, 0, 1	# Ethernet and IPv4; a request
	.byte	0x52, 0x54, 0x00, 0x12, 0x34, 0x56
	.byte	10, 0, 2, 15
	.skip	6
	.byte	10, 0, 2, 2
	.skip	frame + LARGE_FRAME - .

ip:	.byte	8, 0			# IPv4,
	.byte	0x45, 0, 0, 0		# a header of 5 words
	.byte	0, 0, 0, 0, 64, 1, 0, 0	# ICMP
	.byte	10, 0, 2, 15
	.byte	10, 0, 2, 2
	.byte	8, 0, 0, 0		# an echo request; its checksum
	.byte	0x12, 0x34, 0, 1
ip_end:
