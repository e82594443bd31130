# The first words of a machine on a network: by DHCP it asks for an address (UDP), by ARP who the
# router is, and by ICMP whether it is alive. The answers come from libslirp, which plays a network
# inside the VMM, as it does inside QEMU. The nonce travels in the ping, there and back.
#
# mode: long
# devices: net
# prints: card 525400123456\ndhcp offers 0a00020f\nrouter 52550a000202\nping 0000000000000000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "net.inc"

	# Print n bytes from the address in a register on.
	.macro	bytes at:req, n:req
	mov	$\n, %r8d
1:	movzbl	(\at), %r9d
	hex	%r9d, 2
	inc	\at
	dec	%r8d
	jnz	1b
	putc	'\n'
	.endm

main:
	net_begin
	print	"card "
	lea	CONFIG(%r15), %r10	# our address
	bytes	%r10, 6

	send	discover, discover_end-discover
	mov	$IPV4, %ebp
	call	receive
	lea	14 + 20 + 8 + 16(%r14), %r10	# Ethernet, IP, UDP; then "your address"
	print	"dhcp offers "
	bytes	%r10, 4

	send	who_has, 42
	mov	$ARP, %ebp
	call	receive
	lea	22(%r14), %r10		# the sender's address
	mov	(%r10), %eax		# is where the ping goes
	mov	%eax, ping
	mov	4(%r10), %ax
	mov	%ax, ping + 4
	print	"router "
	bytes	%r10, 6

	mov	nonce, %rax
	bswap	%rax			# so that its bytes read as a number
	mov	%rax, ping_data
	call	checksum
	send	ping, ping_end-ping
again:
	mov	$IPV4, %ebp
	call	receive
	cmpb	$1, 14 + 9(%r14)	# ICMP,
	jne	again
	cmpb	$0, 14 + 20(%r14)	# an echo reply
	jne	again
	lea	14 + 20 + 8(%r14), %r10
	print	"ping "
	bytes	%r10, 8
	mov	$0, %al
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
	dec	%ecx
	jnz	1b
	not	%edx
	mov	%dx, icmp + 2
	ret

	.data
	.macro	to_all
	.byte	0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	.endm
	.macro	us
	.byte	0x52, 0x54, 0x00, 0x12, 0x34, 0x56
	.endm
	# A 16-bit number, high byte first.
	.macro	be16 value:req
	.byte	(\value) >> 8, (\value) & 0xff
	.endm

discover:
	to_all
	us
	.short	IPV4
	.byte	0x45, 0			# IP: version 4, a header of 5 words
	be16	discover_end-discover-14
	.byte	0, 0, 0, 0, 64, 17	# UDP
	be16	0x79de			# the header's checksum
	.byte	0, 0, 0, 0		# from nobody yet
	.byte	255, 255, 255, 255	# to all
	be16	68			# UDP: from the client's port to the server's
	be16	67
	be16	discover_end-discover-34
	be16	0			# no checksum
	.byte	1, 1, 6, 0		# BOOTP: a request, Ethernet, addresses of 6 bytes
	.byte	0x12, 0x34, 0x56, 0x78	# which request this is
	.skip	20
	us
	.skip	10 + 64 + 128
	.byte	99, 130, 83, 99		# options follow:
	.byte	53, 1, 1		# DHCP, discover
	.byte	255
discover_end:

who_has:
	to_all
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
	.byte	0x45, 0
	be16	ping_end-ping-14
	.byte	0, 0, 0, 0, 64, 1	# ICMP
	be16	0x62c9
	.byte	10, 0, 2, 15
	.byte	10, 0, 2, 2
icmp:	.byte	8, 0, 0, 0		# an echo request; its checksum
	.byte	0x12, 0x34, 0, 1	# who, and the how manieth
ping_data:
	.quad	0
ping_end:

	.balign	8
nonce:	.quad	0
