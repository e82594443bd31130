# What a disk cannot do, it says by a status: 00 done, 01 an I/O error, 02 what is that? It works on
# afterwards. A disk that is read-only says so before.
#
# mode: long
# devices: blk
# prints: last sector 00\nbehind the end 01\nacross the end 01\nwrite behind the end 01\n
# prints: not a whole sector 01\nwhat is 77? 02\nname 00\nread-only 0\nwrite 00\nsector 5 05050505\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "blk.inc"

main:
	blk_begin
	answer	"last sector", IN, 63, 512
	answer	"behind the end", IN, 64, 512
	answer	"across the end", IN, 63, 1024
	answer	"write behind the end", OUT, 64, 512
	answer	"not a whole sector", IN, 0, 500
	answer	"what is 77?", 77, 0, 0
	answer	"name", GET_ID, 0, 20

	movl	$0, DEVICE_FEATURES_SEL(%r15)
	mov	DEVICE_FEATURES(%r15), %ebp
	bit	"read-only", %ebp, 5
	movl	$0x05050505, %eax
	mov	$data, %edi
	mov	$128, %ecx
	rep stosl
	answer	"write", OUT, 5, 512	# what is there already

	ask	IN, 5, 512
	mov	data, %ebp
	show	"sector 5", %ebp, 8
	mov	$0, %al
	ret
