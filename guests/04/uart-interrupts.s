# Which interrupt does the serial port have for us? IIR says it, the most urgent one first; asked
# here with interrupts off, so that nothing but the port decides. Loopback brings the bytes.
#
#	01 none, 02 transmitter empty, 04 received data, 06 line status, 0c character timeout;
#	c0 more with FIFOs
#
# mode: long
# prints: disabled 01\ntransmitter 02 01\nsent 02 01\nenabled again 02\nanother enabled 02 01\n
# prints: received 04 04 01\noverrun 06 04 01\nall 06 04 02 01\nfifo c1 c1 c4 cc cc c1\n
# prints: trigger 14 c4 cc c1\nfifo cleared c2 c1 c2 c1\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "uart.inc"

# Print what IIR says.
	.macro	tell
	get	IIR
	movzbl	%al, %ebp
	putc	' '
	hex	%ebp, 2
	.endm

# The same when it is known that there is something: a real line is idle only after some time.
	.macro	await
1:	get	IIR
	test	$1, %al
	jnz	1b
	movzbl	%al, %ebp
	putc	' '
	hex	%ebp, 2
	.endm

# The divisor: how long the line must be silent before it counts as idle.
	.macro	divisor value:req
	put	LCR, $0x83
	put	DLL, $\value & 0xff
	put	DLM, $\value >> 8
	put	LCR, $3
	.endm

	.macro	title text:req
	putc	'\n'
	print	"\text"
	.endm

main:
	divisor 0xffff
	put	FCR, $1
	put	FCR, $0
	put	IER, $0
	put	MCR, $0x1b		# loopback
	get	LSR
	get	DATA

	print	"disabled"
	tell
	title	"transmitter"
	put	IER, $2
	tell				# asking is the answer to this interrupt
	tell
	title	"sent"
	put	DATA, $1
	tell
	tell
	get	DATA
	title	"enabled again"
	put	IER, $0
	put	IER, $2
	tell
	title	"another enabled"
	put	IER, $0
	put	IER, $2
	tell
	put	IER, $0xa		# the transmitter's was enabled before: nothing new
	tell

	title	"received"
	put	IER, $1
	put	DATA, $0x11
	tell
	tell				# until the byte has been read
	get	DATA
	tell
	title	"overrun"
	put	IER, $5
	put	DATA, $0x22
	put	DATA, $0x33
	tell
	get	LSR
	tell
	get	DATA
	tell
	title	"all"
	put	IER, $0xf
	put	DATA, $0x44
	put	DATA, $0x55
	tell
	get	LSR
	tell
	get	DATA
	tell
	tell

	title	"fifo"
	put	FCR, $0x41		# 4 bytes are enough
	put	IER, $1
	tell
	get	DATA
	tell
	put	DATA, $0x61
	put	DATA, $0x62
	put	DATA, $0x63
	put	DATA, $0x64
	tell
	divisor 1
	get	DATA
	await
	get	DATA
	await
	get	DATA
	get	DATA
	tell
	title	"trigger 14"
	divisor 0xffff
	put	FCR, $0xc3
	mov	$14, %ebx
1:	put	DATA, %bl
	dec	%ebx
	jnz	1b
	tell
	divisor 1
	get	DATA
	await
	put	FCR, $0xc3
	tell
	title	"fifo cleared"
	put	IER, $2
	tell
	tell
	put	FCR, $5
	tell
	tell
	putc	'\n'

	put	IER, $0
	put	FCR, $0
	put	MCR, $0
	mov	$0, %al
	ret
