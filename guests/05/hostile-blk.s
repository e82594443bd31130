# Requests that no driver would make. Each must come back, and none may harm the disk or hurt the
# device: at the end it reads a sector. The numbers are rows of a list of what guests may do.
#
# mode: long
# devices: blk
# prints: row 14: in seven pieces 00 05050505\nrow 36: sector times 512 wraps 01\n
# prints: row 36: sector plus length wraps 01\nrow 37: 513 bytes 01\nrow 39: discard 02\n
# prints: row 39: type of all ones 02\nrow 40: header of 15 bytes 01\n
# prints: row 40: header not readable 01\nrow 40: no status, length 00000000\n
# prints: row 40: header alone, length 00000000\nrow 41: room for 3 bytes of name 00\n
# prints: afterwards 00 05050505\nnothing written 03030303\n
# status: 0
# qemu: no, it gives up the device where ours sends the request back

	.include "start64.inc"
	.include "blk.inc"

	.macro	row text:req
	movzbl	status, %ebp
	show	"row \text", %ebp, 2
	.endm

main:
	blk_begin
	blk_header IN, 5
	describe q, 0, header, 1, NEXT, 1
	describe q, 1, header + 1, 8, NEXT, 2
	describe q, 2, header + 9, 7, NEXT, 3
	describe q, 3, data, 3, NEXT | WRITE, 4
	describe q, 4, data + 3, 500, NEXT | WRITE, 5
	describe q, 5, data + 503, 9, NEXT | WRITE, 6
	describe q, 6, status, 1, WRITE
	blk_do
	movzbl	status, %ebp
	print	"row 14: in seven pieces "
	call	status_and_data

	answer	"row 36: sector times 512 wraps", OUT, 0x80000000000003, 512
	answer	"row 36: sector plus length wraps", OUT, 0xffffffffffffffff, 1024
	answer	"row 37: 513 bytes", OUT, 3, 513
	answer	"row 39: discard", 11, 3, 16
	answer	"row 39: type of all ones", 0xffffffff, 3, 0

	blk_header OUT, 3
	describe q, 0, header, 15, NEXT, 1
	describe q, 1, status, 1, WRITE
	blk_do
	row	"40: header of 15 bytes"
	blk_header OUT, 3
	describe q, 0, header, 16, NEXT | WRITE, 1
	describe q, 1, data, 512, NEXT | WRITE, 2
	describe q, 2, status, 1, WRITE
	blk_do
	row	"40: header not readable"
	blk_header OUT, 3
	describe q, 0, header, 16, NEXT, 1
	describe q, 1, data, 512
	blk_do
	blk_length
	show	"row 40: no status, length", %eax, 8
	blk_header OUT, 3
	describe q, 0, header, 16
	blk_do
	blk_length
	show	"row 40: header alone, length", %eax, 8
	answer	"row 41: room for 3 bytes of name", GET_ID, 0, 3

	ask	IN, 5, 512
	movzbl	%al, %ebp
	print	"afterwards "
	call	status_and_data
	ask	IN, 3, 512
	mov	data, %ebp
	show	"nothing written", %ebp, 8
	mov	$0, %al
	ret

# Print the status in %ebp and what the data begin with.
status_and_data:
	hex	%ebp, 2
	putc	' '
	mov	data, %ebp
	hex	%ebp, 8
	putc	'\n'
	ret
