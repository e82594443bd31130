# A disk: read it, write to it, and see what is there then. Sector n of the disk that the tests make
# holds n in each of its bytes; the nonce goes to sector 7.
#
# mode: long
# devices: blk
# prints: sectors 00000040\nsector 5 05050505\nwrite 7 00\nread 6 to 8 00\n06060606\n
# prints: 0000000000000000\n08080808\nflush 00\nused length 00000001\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "blk.inc"

main:
	blk_begin
	mov	CONFIG(%r15), %ebp	# the capacity, its low half
	show	"sectors", %ebp, 8

	ask	IN, 5, 512
	mov	data, %ebp
	show	"sector 5", %ebp, 8

	mov	nonce, %rax
	mov	$data, %edi
	mov	$64, %ecx
	rep stosq
	answer	"write 7", OUT, 7, 512
	mov	$data, %edi
	mov	$512, %ecx
	xor	%eax, %eax
	rep stosq
	answer	"read 6 to 8", IN, 6, 1536
	hex	data, 8
	putc	'\n'
	hex	data + 512 + 508, 8	# the end of the sector, so that all of it is there
	hex	data + 512 + 504, 8
	putc	'\n'
	hex	data + 1024, 8
	putc	'\n'

	answer	"flush", FLUSH, 0, 0
	blk_length
	show	"used length", %eax, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
