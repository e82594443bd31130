# Ports where nobody is: reads give all ones, whatever was written, whatever the width; string
# instructions fill just as much memory as they should.
#
# mode: long
# prints: byte ff\nword ffff\nlong ffffffff\nafter writes ffffffff\n
# prints: last port ff\nbehind the serial port ff\n
# prints: rep insb ffffffff 000000ff\nrep insw ffffffff 0000ffff\nrep insl ffffffff ffffffff\n
# prints: memory behind it 00000000\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	NOBODY, 0x2a0

	.macro	show_two name:req
	mov	bytes, %ebp
	mov	bytes + 4, %r8d
	print	"\name "
	hex	%ebp, 8
	putc	' '
	hex	%r8d, 8
	putc	'\n'
	.endm

	.macro	fill instruction:req, count:req
	movq	$0, bytes
	mov	$bytes, %edi
	mov	$\count, %ecx
	mov	$NOBODY, %edx
	rep \instruction
	.endm

main:
	xor	%eax, %eax
	mov	$NOBODY, %edx
	in	%dx, %al
	mov	%eax, %ebp
	show	"byte", %ebp, 2
	xor	%eax, %eax
	mov	$NOBODY, %edx
	in	%dx, %ax
	mov	%eax, %ebp
	show	"word", %ebp, 4
	mov	$NOBODY, %edx
	in	%dx, %eax
	mov	%eax, %ebp
	show	"long", %ebp, 8

	mov	nonce, %eax
	mov	$NOBODY, %edx
	out	%al, %dx
	out	%ax, %dx
	out	%eax, %dx
	in	%dx, %eax
	mov	%eax, %ebp
	show	"after writes", %ebp, 8
	xor	%eax, %eax
	mov	$0xffff, %edx
	in	%dx, %al
	mov	%eax, %ebp
	show	"last port", %ebp, 2
	xor	%eax, %eax
	mov	$0x400, %edx		# right behind the serial port
	in	%dx, %al
	mov	%eax, %ebp
	show	"behind the serial port", %ebp, 2

	fill	insb, 5
	show_two "rep insb"
	fill	insw, 3
	show_two "rep insw"
	fill	insl, 2
	show_two "rep insl"
	show	"memory behind it", bytes + 8, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
bytes:	.quad	0, 0
