# A disk that becomes smaller behind our back. The guest writes 77 to sector 1, and waits until
# somebody on the host has put something other than 0 into sector 0. By then the file ends sooner.
#
# mode: long
# devices: blk
# args: --timeout=1
# prints: at the end 01\nat the beginning 00\nand 7f7f7f7f\n
# status: 124
# qemu: no, it waits for somebody on the host

	.include "start64.inc"
	.include "blk.inc"

main:
	blk_begin
	mov	$0x77777777, %eax
	mov	$data, %edi
	mov	$128, %ecx
	rep stosl
	ask	OUT, 1, 512
again:
	ask	IN, 0, 512
	cmpl	$0, data
	je	again
	answer	"at the end", IN, 63, 512
	answer	"at the beginning", IN, 0, 512
	mov	data, %ebp
	show	"and", %ebp, 8
	mov	$0, %al
	ret
