# As much work as one notification can ask for: 256 requests at once, each for the whole disk, and one piece of
# memory for all of them. With a disk of 64 MiB these are 16 GiB. The guest goes on meanwhile, if it may,
# and waits until all have come back. It does not notify again.
#
# mode: long
# devices: blk
# prints: it goes on\nrequests 00000100\nstatus 00\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	.set	BLK, 2
	.set	DATA, 0x1000000		# up to 64 MiB

	virtqueue q, 256

	.bss
	.balign	16
header:	.skip	16			# all zeros: IN, from sector 0 on
status:	.skip	1
	.text

main:
	find_device BLK
	negotiate
	set_up_queue 0, q
	driver_ok
	describe q, 0, header, 16, NEXT, 1
	describe q, 1, DATA, 0, NEXT | WRITE, 2
	describe q, 2, status, 1, WRITE
	mov	CONFIG(%r15), %eax	# the capacity, its low half
	shl	$9, %eax
	mov	%eax, q_desc + 16 + 8
	movb	$0xee, status
	movw	$256, q_avail + 2	# all entries are 0, and so the head is
	notify	0
	print	"it goes on\n"
1:	pause
	movzwl	q_used + 2, %ebp
	cmp	$256, %ebp
	jne	1b
	show	"requests", %ebp, 8
	movzbl	status, %ebp
	show	"status", %ebp, 2
	mov	$0, %al
	ret
