# Every register of the serial port is written and read back: which bits stay, what loopback makes
# of what is sent, and what too many bytes do. One pattern comes from the nonce.
#
# mode: long
# prints: scr 00 55 aa ff 1e\nlcr 00 15 2a 3f 1e\nmcr 10 15 1a 1f 1e\nier 00 05 0a 0f 0e\n
# prints: dll 00 55 aa ff 1e\ndlm 00 55 aa ff 1e\nlsr 60 60 60 60 60\nmsr b0 b0 b0 b0 b0\n
# prints: fifo control, iir 01 c1 c1 01 c1 01\n
# prints: modem in loopback 00 20 10 30 40 60 50 70 80 a0 90 b0 c0 e0 d0 f0\n
# prints: 16450 60 61 11 60 11 33 63 61 33 60\n
# prints: fifo 60 00 61 a0 a1 61 a2 60 00\n
# prints: 17 bytes 63 61 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 ba bb bc bd be bf 60 00\n
# prints: cleared 61 60 00 61 60 00\n
# prints: wide b0 5a b0 5a 13 60 30 a5\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "uart.inc"

# Print the register's value, after a blank.
	.macro	tell reg:req
	get	\reg
	call	print_byte
	.endm

# Write each of the five patterns to the register, changed by `and` and `or`, and read it back.
	.macro	patterns name:req, reg:req, and:req, or:req
	print	"\name"
	mov	$pattern, %ebx
1:	mov	(%rbx), %al
	and	$\and, %al
	or	$\or, %al
	mov	$\reg, %edx
	out	%al, %dx
	tell	\reg
	inc	%ebx
	cmp	$pattern + 5, %ebx
	jne	1b
	putc	'\n'
	.endm

main:
	put	LCR, $3
	put	IER, $0
	put	FCR, $0
	mov	nonce, %al
	xor	$0x1e, %al
	mov	%al, pattern + 4

	patterns "scr", SCR, 0xff, 0
	patterns "lcr", LCR, 0x3f, 0	# not the two bits that do something: break and DLAB
	patterns "mcr", MCR, 0xff, 0x10	# loopback: nobody sees our modem lines
	put	MCR, $0
	put	LCR, $3
	patterns "ier", IER, 0xff, 0
	put	IER, $0
	put	LCR, $0x83
	patterns "dll", DLL, 0xff, 0
	patterns "dlm", DLM, 0xff, 0
	put	DLL, $1
	put	DLM, $0
	put	LCR, $3
	patterns "lsr", LSR, 0xff, 0	# not for writing
	patterns "msr", MSR, 0xff, 0

	print	"fifo control, iir"
	.irp	value, 0x00, 0x01, 0xc7, 0xc6, 0x41, 0x00
	put	FCR, $\value
	tell	IIR
	.endr
	putc	'\n'

	print	"modem in loopback"
	mov	$0x10, %ebx
1:	put	MCR, %bl
	tell	MSR
	inc	%ebx
	cmp	$0x20, %ebx
	jne	1b
	putc	'\n'

	put	MCR, $0x13
	print	"16450"			# without FIFO there is room for one byte
	tell	LSR
	put	DATA, $0x11
	tell	LSR
	tell	DATA
	tell	LSR
	tell	DATA			# once more: it is still there
	put	DATA, $0x22
	put	DATA, $0x33
	put	SCR, $0x33
	tell	SCR
	tell	LSR			# overrun, said once
	tell	LSR
	tell	DATA			# the newer byte
	tell	LSR
	putc	'\n'

	put	FCR, $1
	print	"fifo"
	tell	LSR
	tell	DATA			# nothing there
	put	DATA, $0xa0
	put	DATA, $0xa1
	put	DATA, $0xa2
	tell	LSR
	tell	DATA
	tell	DATA
	tell	LSR
	tell	DATA
	tell	LSR
	tell	DATA
	putc	'\n'

	print	"17 bytes"
	mov	$0xb0, %ebx
1:	put	DATA, %bl
	inc	%ebx
	cmp	$0xb0 + 17, %ebx
	jne	1b
	tell	LSR
	tell	LSR
	mov	$16, %ebx		# the last one is lost
1:	tell	DATA
	dec	%ebx
	jnz	1b
	tell	LSR
	tell	DATA
	putc	'\n'

	print	"cleared"		# by its bit, then by a change of mode
	put	DATA, $0xa0
	tell	LSR
	put	FCR, $3
	tell	LSR
	tell	DATA
	put	DATA, $0xa0
	tell	LSR
	put	FCR, $0
	put	FCR, $1
	tell	LSR
	tell	DATA
	putc	'\n'

	print	"wide"			# a word or four bytes are as many registers
	put	MCR, $3
	mov	$MSR, %edx
	mov	$0x5aff, %ax
	out	%ax, %dx
	tell	MSR
	tell	SCR
	mov	$MSR, %edx
	in	%dx, %ax
	call	print_bytes_2
	mov	$MCR, %edx
	mov	$0xa5ffff13, %eax
	out	%eax, %dx
	in	%dx, %eax
	call	print_bytes_4
	putc	'\n'
	put	MCR, $0
	put	FCR, $0
	mov	$0, %al
	ret

# Print the lowest two or four bytes of %eax, or just %al: a blank and two digits for each.
print_bytes_4:
	mov	$4, %r10d
	jmp	bytes
print_bytes_2:
	mov	$2, %r10d
	jmp	bytes
print_byte:
	mov	$1, %r10d
bytes:	mov	%eax, %r9d
1:	putc	' '
	hex	%r9d, 2
	shr	$8, %r9d
	dec	%r10d
	jnz	1b
	ret

	.data
	.balign	8
nonce:	.quad	0
pattern: .byte	0x00, 0x55, 0xaa, 0xff, 0
