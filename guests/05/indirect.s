# Indirect descriptors: a table of buffers behind one descriptor of the queue. The device fills them
# in the order of the chain. If the low half of the nonce is 1, there are also two buffers in front of
# a table, which is legal, and which QEMU does not know.
#
# mode: long
# devices: rng
# prints: a table: bytes 18\nall were written 1\nWRITE is ignored: bytes 18\nall were written 1\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 8

	# Eight bytes here and there: of 64 random bits not all are 0.
	.macro	wipe where:req
	movq	$0, \where
	.endm

	.macro	written where:req
	cmpq	$0, \where
	sete	%al
	or	%al, %bl
	.endm

	# The used element of number n: its length; and were these places written?
	.macro	report text:req, number:req
	show	"\text: bytes", q_used+8+8*\number, 2
	xor	%ebx, %ebx
	written	one
	written	two
	written	three
	xor	$1, %bl
	show	"all were written", %ebx, 1
	wipe	one
	wipe	two
	wipe	three
	.endm

main:
	find_device 4
	negotiate INDIRECT_DESC
	set_up_queue 0, q
	driver_ok

	describe_at table, 0, one, 8, WRITE | NEXT, 2
	describe_at table, 1, three, 8, WRITE
	describe_at table, 2, two, 8, WRITE | NEXT, 1
	describe q, 5, table, 48, INDIRECT
	offer	q, 5
	notify	0
	await	q
	report	"a table", 0

	describe q, 5, table, 48, INDIRECT | WRITE
	offer	q, 5
	notify	0
	await	q
	report	"WRITE is ignored", 1

	cmpl	$1, nonce
	jne	done
	describe q, 1, one, 8, WRITE | NEXT, 3
	describe q, 3, two, 8, WRITE | NEXT, 5
	describe q, 5, table, 16, INDIRECT
	describe_at table, 0, three, 8, WRITE
	offer	q, 1
	notify	0
	await	q
	report	"two buffers and a table", 2
done:
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	16
table:	.skip	48
one:	.skip	8
two:	.skip	8
three:	.skip	8
