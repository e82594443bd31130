# A line by virtio: 33 bytes in two buffers, and one notification for all of them. Then two characters by a
# store each, with no queue at all: the emergency write, for when nothing else works any more.
#
# mode: long
# devices: console
# prints: Hello by virtio 0000000000000000\nused: 1 chain, length 0\n!\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	.set	CONSOLE, 3		# device id
	.set	TX, 1			# its transmit queue
	.set	EMERG_WR, CONFIG + 8

	virtqueue tx, 2

main:
	mov	$nonce + 7, %esi	# as text: numbers are stored low byte first
	mov	$number, %edi
next:
	movzbl	(%rsi), %ecx
	mov	%ecx, %edx
	shr	$4, %ecx
	mov	digits(%rcx), %al
	stosb
	and	$15, %edx
	mov	digits(%rdx), %al
	stosb
	dec	%esi
	cmp	$nonce, %esi
	jae	next

	find_device CONSOLE
	negotiate
	set_up_queue TX, tx
	driver_ok
	describe tx, 0, hello, 16, NEXT, 1
	describe tx, 1, number, 17
	offer	tx, 0
	notify	TX
	await	tx
	print	"used: "
	hex	tx_used + 2, 1
	print	" chain, length "
	hex	tx_used + 8, 1
	putc	'\n'

	movl	$'!', EMERG_WR(%r15)
	movl	$'\n', EMERG_WR(%r15)
	mov	$0, %al
	ret

	.data
hello:	.ascii	"Hello by virtio "
number:	.ascii	"................\n"
digits:	.ascii	"0123456789abcdef"
	.balign	8
nonce:	.quad	0
