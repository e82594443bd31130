# The address of each network card, in the order of the command line: the first device has the last window.
#
# mode: long
# devices: net, net
# prints: card 525400123456\ncard 525400123457\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "net.inc"

main:
	call	virtio_map
	mov	$WINDOWS + 7 * 0x200, %r15d
next:
	mov	DEVICE_ID(%r15), %eax
	cmp	$NET, %eax
	jne	2f
	print	"card "
	xor	%ebp, %ebp
1:	movzbl	CONFIG(%r15, %rbp), %ebx
	hex	%ebx, 2
	inc	%ebp
	cmp	$6, %ebp
	jne	1b
	putc	'\n'
2:	sub	$0x200, %r15d
	cmp	$WINDOWS, %r15d
	jae	next
	mov	$0, %al
	ret
