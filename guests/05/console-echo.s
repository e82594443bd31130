# The console as a typewriter: what comes in goes out again, until Ctrl-D; then it says how many bytes
# there were. Both queues have one entry, and both describe the same eight bytes.
#
# mode: long
# devices: console
# prints: ready\n
# status: 0
# qemu: no, it waits for somebody who types

	.include "start64.inc"
	.include "virtio.inc"

	.set	CONSOLE, 3		# device id
	.set	RX, 0			# its queues
	.set	TX, 1
	.set	CTRL_D, 4

	virtqueue rx, 1
	virtqueue tx, 1

main:
	find_device CONSOLE
	negotiate
	set_up_queue RX, rx
	set_up_queue TX, tx
	driver_ok
	print	"ready\n"
	describe rx, 0, buffer, 8, WRITE
	describe tx, 0, buffer, 0
	xor	%ebp, %ebp		# how many bytes there were
again:
	offer	rx, 0
	notify	RX
wait:
	pause
	mov	rx_used + 2, %ax
	cmp	rx_avail + 2, %ax
	jne	wait

	mov	rx_used + 8, %ecx	# the length of what has come
	mov	$buffer, %edi
	mov	$CTRL_D, %al
	xor	%ebx, %ebx		# how many of them are in front of a Ctrl-D
look:
	scasb
	je	echo
	inc	%ebx
	dec	%ecx
	jnz	look
echo:
	add	%ebx, %ebp
	mov	%ecx, %r12d		# 0: there was none
	test	%ebx, %ebx
	jz	nothing
	mov	%ebx, tx_desc + 8
	offer	tx, 0
	notify	TX
	await	tx
nothing:
	test	%r12d, %r12d
	jz	again
	show	"bytes", %ebp, 8
	mov	$0, %al
	ret

	.bss
buffer:	.skip	8
