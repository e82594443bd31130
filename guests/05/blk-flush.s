# What a disk has flushed it has for good. Without end: a sector is written, full of a number, then
# flushed, then the number is sent to the serial port. The first number is the nonce, number n goes to
# sector n mod 64.
#
# mode: long
# devices: blk
# args: --timeout=1
# prints:
# status: 124
# qemu: no, it does not end

	.include "start64.inc"
	.include "blk.inc"

	.set	COM1, 0x3f8

main:
	blk_begin
	mov	nonce, %ebx
again:
	mov	%ebx, %eax
	mov	$data, %edi
	mov	$128, %ecx
	rep stosl
	blk_header OUT, 0
	mov	%ebx, %eax
	and	$63, %eax
	mov	%rax, header + 8	# the sector
	describe q, 0, header, 16, NEXT, 1
	describe q, 1, data, 512, NEXT, 2
	describe q, 2, status, 1, WRITE
	blk_do
	test	%al, %al
	jnz	failed
	ask	FLUSH, 0, 0
	test	%al, %al
	jnz	failed
	mov	%ebx, %edi
	mov	$8, %ebp
next:
	rol	$4, %edi		# the first digit comes to the end
	mov	%edi, %ecx
	and	$15, %ecx
	mov	digits(%rcx), %al
	mov	$COM1, %edx
	out	%al, %dx
	dec	%ebp
	jnz	next
	mov	$'\n', %al
	out	%al, %dx
	inc	%ebx
	jmp	again
failed:
	print	"refused\n"
	mov	$17, %al
	ret

	.data
digits:	.ascii	"0123456789abcdef"
	.balign	8
nonce:	.quad	0
