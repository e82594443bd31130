# The serial port as a typewriter, by polling: what comes in goes out again, until Ctrl-D. The
# status counts the bytes, from 16 on.
#
# mode: long
# prints: ready\n
# status: 16
# qemu: no, it waits for somebody who types

	.include "start64.inc"
	.include "uart.inc"

	.set	CTRL_D, 4

main:
	put	LCR, $3
	put	IER, $0
	put	FCR, $7
	put	MCR, $0			# our modem lines are for others: a receiver works without
	print	"ready\n"
	xor	%ebx, %ebx
next:
	get	LSR
	test	$1, %al			# data ready?
	jz	next
	get	DATA
	cmp	$CTRL_D, %al
	je	done
	inc	%ebx
	mov	$DATA, %edx
	out	%al, %dx
	jmp	next
done:
	mov	%ebx, %eax
	and	$63, %eax
	add	$16, %eax
	ret
