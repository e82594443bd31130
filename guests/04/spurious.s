# An interrupt of line 7 or 15 may be none at all: a request that has gone again by the time at which
# the CPU asks for it. The controller must give some vector then. The handler looks into ISR: a real
# one is in service there, and wants an end of interrupt; a spurious one must not get any.
#
# How often each happens is in the nonce. A request of line 10 that is masked in the slave, after it
# has passed the master, is spurious for the slave; noise on the wire to the CPU is for the master.
# (KVM's controller hears no noise.)
#
# mode: long
# prints: line 7 real 1 spurious 1\nline 15 real 1 spurious 1\nline 10 real 1\nin service 00 00\n
# status: 0
# qemu: no, it has no trigger

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"
	.include "trigger.inc"

	# How often, from a digit of the nonce: 1 to 8 times.
	.macro	times digit:req
	mov	nonce, %ebx
	shr	$4 * \digit, %ebx
	and	$7, %ebx
	inc	%ebx
	.endm

	# ISR of a chip, into a register.
	.macro	in_service chip:req, register:req
	out8	\chip, 0x0b		# OCW3
	in	$\chip, %al
	movzbl	%al, \register
	.endm

main:
	gate	0x27, on_7
	gate	0x2f, on_15
	gate	0x2a, on_10
	lidt	idtr
	pic_init
	unmask	7
	unmask	10
	unmask	15
	sti

	times	0
1:	raise	7
	lower	7
	dec	%ebx
	jnz	1b

	times	1
1:	noise
	dec	%ebx
	jnz	1b

	times	2
1:	raise	15
	lower	15
	dec	%ebx
	jnz	1b

	times	3
1:	mask	2
	raise	10			# the slave asks, and the master keeps that in mind
	lower	10
	mask	10
	unmask	2			# now the CPU is asked
	settle
	unmask	10			# and the request of line 10 is still there
	settle
	dec	%ebx
	jnz	1b

	cli
	print	"line 7 real "
	hex	real_7, 1
	print	" spurious "
	hex	spurious_7, 1
	print	"\nline 15 real "
	hex	real_15, 1
	print	" spurious "
	hex	spurious_15, 1
	print	"\nline 10 real "
	hex	real_10, 1
	in_service PIC1, %ebp
	print	"\nin service "
	hex	%ebp, 2
	in_service PIC2, %ebp
	putc	' '
	hex	%ebp, 2
	putc	'\n'
	mov	$0, %al
	ret

on_7:
	push	%rax
	push	%rbp
	in_service PIC1, %ebp
	test	$0x80, %ebp
	jnz	1f
	incl	spurious_7
	jmp	2f
1:	incl	real_7
	eoi
2:	pop	%rbp
	pop	%rax
	iretq

on_15:
	push	%rax
	push	%rbp
	in_service PIC2, %ebp
	test	$0x80, %ebp
	jnz	1f
	incl	spurious_15
	eoi				# the master's line 2 was real
	jmp	2f
1:	incl	real_15
	eoi_slave
2:	pop	%rbp
	pop	%rax
	iretq

on_10:
	push	%rax
	incl	real_10
	eoi_slave
	pop	%rax
	iretq

	.bss
	.balign	4
real_7:	.skip	4
spurious_7:
	.skip	4
real_15:
	.skip	4
spurious_15:
	.skip	4
real_10:
	.skip	4

	.data
	.balign	8
nonce:	.quad	0
