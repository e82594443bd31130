# The serial port as a typewriter, by interrupt 4: the CPU sleeps until a byte comes. What comes in
# goes out again, until Ctrl-D; then it says how many bytes there were.
#
# mode: long
# prints: ready\n
# status: 0
# qemu: no, it waits for somebody who types

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "uart.inc"

	.set	CTRL_D, 4

main:
	pic_init
	gate	0x24, on_uart
	lidt	idtr
	unmask	4
	put	LCR, $3
	put	FCR, $0x87		# interrupt at 8 bytes, or when the line is idle
	put	IER, $1
	print	"ready\n"
	put	MCR, $8			# OUT2 lets a PC's interrupt line through
sleep:
	cli
	cmpb	$0, done
	jne	report
	sti				# takes effect behind the next instruction:
	hlt				# nothing can come in between
	jmp	sleep
report:
	show	"bytes", %ebx, 8
	mov	$0, %al
	ret

# %ebx counts the bytes. The main program uses no register meanwhile but this.
on_uart:
	get	LSR
	test	$1, %al			# data ready?
	jz	1f
	get	DATA
	cmp	$CTRL_D, %al
	je	2f
	inc	%ebx
	mov	$DATA, %edx
	out	%al, %dx
	jmp	on_uart
2:	movb	$1, done
1:	awake	0
	eoi
	iretq

	.bss
done:	.byte	0
