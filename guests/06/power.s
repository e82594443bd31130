# The ways in which software ends a PC. Which of them, says the nonce's low byte: 0 the sleep control
# register, 1 the reset register, 2 port 0xcf9, 3 the keyboard's controller; 16 more: first all that is
# nearly that, but not quite. (One more way: restart.)
#
# mode: long
# prints: on\n
# status: 0
# qemu: no, its ports are others

	.include "start64.inc"

	.macro	port number:req, value:req
	mov	$\number, %edx
	mov	$\value, %al
	out	%al, %dx
	.endm

	.set	SLEEP, 0x600
	.set	RESET, 0x602

main:
	print	"on\n"
	testb	$16, nonce
	jz	1f
	port	SLEEP, 5 << 2		# the type, and no "go"
	port	SLEEP, 1 << 2 | 0x20	# "go", and another type
	port	RESET, 0
	port	RESET, 2
	port	0xcf9, 2		# of which kind, and no reset
	mov	$0xcf8, %edx		# a function of PCI's: its number has the reset's bit
	mov	$0x80000400, %eax
	out	%eax, %dx
	in	%dx, %eax
	port	0x64, 0xff		# no line is pulsed
	port	0x64, 0xed
	print	"still on\n"
1:	mov	nonce, %bl
	and	$15, %bl
	cmp	$0, %bl
	jne	1f
	port	SLEEP, 5 << 2 | 0x20
1:	cmp	$1, %bl
	jne	1f
	port	RESET, 1
1:	cmp	$2, %bl
	jne	1f
	port	0xcf9, 2
	port	0xcf9, 6
1:	cmp	$3, %bl
	jne	1f
	port	0x64, 0xfe
1:	print	"nothing has happened\n"
	mov	$1, %al
	ret

	.data
	.globl	nonce
	.balign	8
nonce:	.quad	0
