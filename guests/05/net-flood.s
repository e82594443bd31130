# As many frames as fast as they go, of a kind that the nonce says; a full stop for each 256 of them, so
# that somebody sees us live. Then it asks by ARP who the router is: the card has to work on.
#
# The nonce's low 16 bits are a port of the host, for UDP; the next 24 say how many frames; the next
# four say of which kind: 0 from one port, 1 each from another port, 2 first pieces of packets whose rest
# never comes, 3 pings that say to come from neighbours who are not there, 4 no protocol at all.
#
# mode: long
# devices: net
# prints: \nthe router is 52550a000202\n
# status: 0
# qemu: no, where these frames should go nobody listens

	.set	TX_BUFFERS, 16
	.include "start64.inc"
	.include "router.inc"
	.include "idt.inc"
	.include "ring3.inc"

	.set	LENGTH, 14 + 20 + 1000	# of each frame

main:
	net_begin
	call	ring3
	call	find_router		# who knows us then, too
	call	prepare
	mov	nonce + 2, %ebp
	and	$0xffffff, %ebp
	jz	over
flood:
	movzwl	tx_avail + 2, %ecx
	mov	%ecx, %eax
	sub	tx_used + 2, %ax
	cmp	$TX_BUFFERS, %ax
	je	full
	and	$TX_BUFFERS - 1, %ecx
	mov	%ecx, %edi
	shl	$11, %edi		# times ROOM
	add	$slots + HEADER, %edi
	call	*change(, %rbx, 8)
	mov	%cx, tx_avail + 4(, %rcx, 2)
	incw	tx_avail + 2
	dec	%ebp
	jz	full
	test	$255, %bpl
	jnz	flood
	putc	'.'
full:
	notify	TX
1:	mov	tx_avail + 2, %ax
	sub	tx_used + 2, %ax
	cmp	$TX_BUFFERS, %ax
	jb	2f
	pause
	jmp	1b
2:	test	%ebp, %ebp
	jnz	flood

over:	await	tx
	putc	'\n'
drain:	mov	rx_used + 2, %ax	# what has come meanwhile
	cmp	seen, %ax
	je	ask
	call	take
	jmp	drain
ask:	call	find_router
	print	"the router is "
	call	show_router
	exit	$0

# What is different in frame %ebp, at %rdi, by its kind.
port:	mov	%bp, 34(%rdi)
nothing:
	ret
packet:	mov	%bp, 18(%rdi)
	jmp	checksum
neighbour:
	mov	%bpl, 29(%rdi)		# 10.0.2.n

# The checksum of the IP header in the frame at %rdi (RFC 1071): the sum of its words, carries added
# again.
checksum:
	movw	$0, 24(%rdi)
	lea	14(%rdi), %rsi
	mov	$10, %r9d
	xor	%edx, %edx
1:	lodsw
	add	%ax, %dx
	adc	$0, %dx
	dec	%r9d
	jnz	1b
	not	%edx
	mov	%dx, 24(%rdi)
	ret

# All slots hold the frame of that kind. %ebx: the kind.
prepare:
	mov	nonce, %ax
	xchg	%al, %ah
	mov	%ax, udp + 2
	movzbl	nonce + 5, %ebx
	and	$15, %ebx
	mov	$slots, %ebp
	xor	%r8d, %r8d
1:	lea	HEADER(%rbp), %rdi
	mov	$head, %esi
	mov	$34, %ecx
	rep movsb
	mov	kinds(, %rbx, 8), %esi
	movsq
	mov	kinds + 4(, %rbx, 8), %eax
	mov	%al, HEADER + 23(%rbp)	# the protocol
	mov	%ah, HEADER + 20(%rbp)	# more pieces follow
	cmp	$4, %ebx
	jne	2f
	movw	$0x3412, HEADER + 12(%rbp)
2:	lea	HEADER(%rbp), %rdi
	call	checksum
	mov	%r8d, %eax
	shl	$4, %eax
	mov	%rbp, tx_desc(%rax)
	movq	$HEADER + LENGTH, tx_desc + 8(%rax)
	add	$ROOM, %ebp
	inc	%r8d
	cmp	$TX_BUFFERS, %r8d
	jne	1b
	ret

	.section .rodata
	.balign	8
change:	.quad	nothing, port, packet, neighbour, nothing
kinds:	.long	udp, 17			# of what kind: what follows, its protocol, and flags
	.long	udp, 17
	.long	udp, 0x2000 + 17
	.long	ping, 1
	.long	udp, 17

	.data
	.macro	be16 value:req
	.byte	(\value) >> 8, (\value) & 0xff
	.endm
head:	.byte	0x52, 0x55, 10, 0, 2, 2
	us
	.short	IPV4
	.byte	0x45, 0
	be16	LENGTH-14
	.byte	0, 0, 0, 0, 64, 0
	.byte	0, 0
	.byte	10, 0, 2, 15
	.byte	10, 0, 2, 2
udp:	.byte	0xc0, 0, 0, 0		# from port 49152; no checksum
	be16	LENGTH-34
	.byte	0, 0
ping:	.byte	8, 0, 0xf7, 0xff	# an echo request, and its checksum, of nothing but zeros
	.byte	0, 0, 0, 0

	.balign	8
nonce:	.quad	0
	.bss
	.balign	16
slots:	.skip	TX_BUFFERS * ROOM
