# It is called: somebody asks by ARP who has its address, and then a datagram of UDP comes. It goes back to where
# it came from, and what was in it is printed.
#
# mode: long
# devices: net
# prints: waiting\n
# status: 0
# qemu: no, somebody has to call

	.include "start64.inc"
	.include "net.inc"

	.set	UDP, 17

main:
	net_begin
	mov	CONFIG(%r15), %eax	# our own address
	mov	%eax, us
	movzwl	CONFIG + 4(%r15), %eax
	mov	%ax, us + 4
	print	"waiting\n"
wait:
	pause
	mov	rx_used + 2, %ax
	cmp	seen, %ax
	je	wait
	call	take
	cmpw	$ARP, 12(%r14)
	je	asked
	cmpw	$IPV4, 12(%r14)
	jne	wait
	cmpb	$UDP, 23(%r14)
	jne	wait

	call	turn			# with the addresses swapped, the sums stay as they are
	mov	26(%r14), %eax
	mov	30(%r14), %edx
	mov	%edx, sending + HEADER + 26
	mov	%eax, sending + HEADER + 30
	mov	34(%r14), %eax		# and the ports
	rol	$16, %eax
	mov	%eax, sending + HEADER + 34
	call	send_it
	movzwl	38(%r14), %ecx
	xchg	%cl, %ch
	sub	$8, %ecx
	lea	42(%r14), %esi
	mov	$0xe9, %edx
	rep outsb
	putc	'\n'
	mov	$0, %al
	ret

# Who has 10.0.2.15? We.
asked:
	cmpb	$1, 21(%r14)
	jne	wait
	call	turn
	movb	$2, sending + HEADER + 21	# an answer
	mov	us, %eax
	mov	%eax, sending + HEADER + 22
	mov	us + 4, %ax
	mov	%ax, sending + HEADER + 26
	mov	38(%r14), %eax		# whom it asked for
	mov	%eax, sending + HEADER + 28
	lea	22(%r14), %esi		# who has asked
	mov	$sending + HEADER + 32, %edi
	mov	$10, %ecx
	rep movsb
	call	send_it
	jmp	wait

# A copy of the frame, from us to who sent it.
turn:
	mov	%r14d, %esi
	mov	$sending + HEADER, %edi
	mov	%r13d, %ecx
	rep movsb
	lea	6(%r14), %esi
	mov	$sending + HEADER, %edi
	mov	$6, %ecx
	rep movsb
	mov	$us, %esi
	mov	$6, %ecx
	rep movsb
	ret

send_it:
	describe tx, 0, sending, 0
	lea	HEADER(%r13), %eax
	mov	%eax, tx_desc + 8
	offer	tx, 0
	notify	TX
	await	tx
	ret

	.bss
us:	.skip	6
