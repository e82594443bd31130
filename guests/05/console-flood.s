# As many buffers as the nonce's low byte says, of 64 bytes each, in which there are numbers that go
# on from buffer to buffer. For a reader who is away for a while.
#
# mode: long
# devices: console
# prints: sent\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	.set	CONSOLE, 3		# device id
	.set	TX, 1			# its transmit queue
	.set	SIZE, 64

	virtqueue tx, 1

main:
	find_device CONSOLE
	negotiate
	set_up_queue TX, tx
	driver_ok
	describe tx, 0, buffer, SIZE
	xor	%ebp, %ebp		# the next number
	jmp	enough
again:
	mov	$buffer, %edi
fill:
	mov	%ebp, %eax
	stosl
	inc	%ebp
	cmp	$buffer + SIZE, %edi
	jne	fill
	offer	tx, 0
	notify	TX
	await	tx
	decb	nonce
enough:
	cmpb	$0, nonce
	jne	again
	print	"sent\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0

	.bss
buffer:	.skip	SIZE
