# Show the random bytes: 16, and as many more as the low five bits of the nonce say. Behind them
# nothing may be written.
#
# mode: long
# devices: rng
# prints: bytes 10\n
# status: 0
# qemu: no, the bytes are others each time

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 8

main:
	find_device 4
	negotiate
	set_up_queue 0, q
	driver_ok
	describe q, 0, buffer, 16, WRITE
	mov	nonce, %ebp
	and	$31, %ebp
	add	%ebp, q_desc + 8	# the length
	offer	q, 0
	notify	0
	await	q
	mov	q_used + 8, %ebp
	show	"bytes", %ebp, 2
	mov	$buffer, %ebx
	add	%ebx, %ebp		# where they end
next:
	movzbl	(%rbx), %edi
	hex	%edi, 2
	inc	%ebx
	cmp	%ebp, %ebx
	jb	next
	putc	'\n'
	show	"behind them", (%rbp), 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
buffer:	.fill	64, 1, 0x5a
