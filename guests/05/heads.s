# Three chains by one notification, whose heads are in no order: 6, 2 and 4. Each is of another length, and comes
# back under the number of its head. The same once more, from where the rings have got to.
#
# The nonce says how long they are: 8 bytes and the lowest digit's, the next one's, and the one's after it.
#
# mode: long
# devices: rng
# prints: head 00000006 bytes 08\nhead 00000002 bytes 08\nhead 00000004 bytes 10\n
# prints: head 00000004 bytes 10\nhead 00000006 bytes 08\nhead 00000002 bytes 08\n
# prints: where nothing belongs 00000000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 8

	# The used element of number n.
	.macro	report number:req
	print	"head "
	hex	q_used+4+8*(\number), 8
	show	" bytes", q_used+8+8*(\number), 2
	.endm

	.macro	digit number:req, head:req	# the length of the buffer there
	mov	nonce, %eax
	shr	$4 * \number, %eax
	and	$15, %eax
	add	$8, %eax
	mov	%eax, q_desc + 16 * \head + 8
	.endm

main:
	find_device 4
	negotiate
	set_up_queue 0, q
	driver_ok
	describe q, 6, one, 8, WRITE
	digit	0, 6
	describe q, 2, two, 8, WRITE
	digit	1, 2
	describe q, 4, three, 8, WRITE | NEXT, 7
	describe q, 7, four, 8, WRITE
	digit	2, 7

	offer	q, 6
	offer	q, 2
	offer	q, 4
	notify	0
	await	q
	report	0
	report	1
	report	2
	offer	q, 4
	offer	q, 6
	offer	q, 2
	notify	0
	await	q
	report	3
	report	4
	report	5
	mov	q_used+4+8*6, %eax	# not used yet
	or	q_used+8+8*6, %eax
	show	"where nothing belongs", %eax, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
one:	.skip	32
two:	.skip	32
three:	.skip	32
four:	.skip	32
