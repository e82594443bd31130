# It writes to port 0x80, again and again, as programs do that want a device to have some time: nothing is there.
# Then to two ports at once, of which one is 0x80. Who lets that port through has as many exits fewer as there were
# writes of the first kind; what is printed is the same.
#
# mode: long
# prints: 01 writes, 00000000\n
# status: 0
# args: open=0x80
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

main:
	mov	nonce, %ebp
	mov	%ebp, %ebx
	and	$63, %ebx
	inc	%ebx
	mov	%ebx, %ecx
1:	out	%al, $0x80
	loop	1b
	mov	$0x7f, %edx
	out	%ax, (%dx)		# 0x7f and 0x80
	out	%ax, $0x80		# 0x80 and 0x81
	out	%al, $0x81
	hex	%ebx, 2
	print	" writes, "
	hex	%ebp, 8
	putc	'\n'
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
