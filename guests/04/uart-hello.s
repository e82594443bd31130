# The serial port, polled: set the line up, then for each byte wait until there is room for it.
#
# mode: long
# prints: Hello from COM1\n0000000000000000\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "uart.inc"

main:
	put	IER, $0			# no interrupts
	put	LCR, $0x80		# the divisor: 115200 / 1
	put	DLL, $1
	put	DLM, $0
	put	LCR, $3			# 8 bits, no parity, 1 stop bit
	put	FCR, $7			# FIFOs on and empty
	put	MCR, $3			# DTR and RTS: we are there

	mov	$text, %rsi
next:
	lodsb
	test	%al, %al
	jz	number
	call	send
	jmp	next

number:
	mov	nonce, %rbx
	mov	$16, %ecx
digit:
	rol	$4, %rbx
	mov	%ebx, %eax
	and	$15, %eax
	mov	digits(%rax), %al
	call	send
	dec	%ecx
	jnz	digit
	mov	$'\n', %al
	call	send
	mov	$0, %al
	ret

# Send %al: the transmitter must have room (bit 5 of LSR).
send:
	mov	%eax, %r8d
wait:
	get	LSR
	test	$0x20, %al
	jz	wait
	put	DATA, %r8b
	ret

	.section .rodata
text:	.asciz	"Hello from COM1\n"
digits:	.ascii	"0123456789abcdef"

	.data
	.balign	8
nonce:	.quad	0
