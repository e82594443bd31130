# A queue that feeds itself. Each sector of the disk holds what the avail index and a header shall be
# next. Of 256 requests one reads such a sector over both, and so brings 256 more, without end: who
# serves a queue "until it is empty" is never seen again. This guest says when it goes on.
#
# mode: long
# devices: blk
# prints: sectors 00000040\nit goes on\nafter a reset 00\nsector 0 02000000\n
# status: 0
# qemu: no, its disk answers later: nothing has been read yet when it looks for the next request

	.include "start64.inc"
	.include "virtio.inc"

	.set	BLK, 2
	.set	IN, 0
	.set	OUT, 1

	virtqueue small, 8
	virtqueue large, 256

	.bss
	.balign	16
header:	.skip	16			# type, a word that is not used, sector
nothing: .skip	16			# a header of a type that no disk knows
sector:	.skip	512			# avail flags and index, then a header
junk:	.skip	512
status:	.skip	1
	.text

	.macro	begin queue:req
	negotiate
	set_up_queue 0, \queue
	driver_ok
	.endm

	# Descriptors 0 to 2 of the small queue: one sector, to or from the disk.
	.macro	one flag
	describe small, 0, header, 16, NEXT, 1
	describe small, 1, sector, 512, NEXT | \flag, 2
	describe small, 2, status, 1, WRITE
	.endm

	.macro	request
	movb	$0xee, status
	offer	small, 0
	notify	0
	await	small
	.endm

main:
	find_device BLK
	begin	small
	mov	CONFIG(%r15), %ebp	# the capacity, its low half
	show	"sectors", %ebp, 8

	one	0
	movl	$OUT, header
	xor	%ebp, %ebp
1:	mov	%ebp, header + 8
	lea	2(%ebp), %eax
	shl	$8, %eax
	mov	%ax, sector + 2		# 256 more
	lea	1(%ebp), %eax
	movzbl	%al, %eax
	mov	%eax, sector + 4 + 8	# and then the next one
	request
	inc	%ebp
	cmp	$256, %ebp
	jne	1b

	begin	large
	describe large, 0, header, 16, NEXT, 1
	describe large, 1, large_avail, 4, NEXT | WRITE, 2
	describe large, 2, header, 16, NEXT | WRITE, 3
	describe large, 3, junk, 492, NEXT | WRITE, 4
	describe large, 4, status, 1, WRITE
	describe large, 5, nothing, 16, NEXT, 6
	describe large, 6, status, 1, WRITE
	movl	$IN, header
	movl	$0, header + 8
	movl	$0xffffffff, nothing
	xor	%ecx, %ecx
2:	movw	$5, large_avail + 4(, %rcx, 2)
	inc	%ecx
	cmp	$255, %ecx
	jne	2b
	movw	$0, large_avail + 4 + 2 * 255
	movw	$256, large_avail + 2
	notify	0
	print	"it goes on\n"

	begin	small
	one	WRITE
	movl	$IN, header
	movl	$0, header + 8
	request
	movzbl	status, %ebp
	show	"after a reset", %ebp, 2
	mov	sector, %ebp
	show	"sector 0", %ebp, 8
	mov	$0, %al
	ret
