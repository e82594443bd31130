# The timer at some rates, in both of its periodic modes, and once as an alarm clock. Counter 2,
# which runs on by itself, measures how long the ticks take.
#
# mode: long
# prints: mode 2, 100 Hz: 0a ticks in time\nmode 3, 100 Hz: 0a ticks in time\n
# prints: mode 2, 40 Hz: 05 ticks in time\nmode 3, 40 Hz: 05 ticks in time\n
# prints: mode 0, after 25 ms: 01 ticks in time\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"

	.set	ATTEMPTS, 10		# a busy host may make us late

	.macro	clock register:req
	out8	0x43, 0x80		# hold the count of counter 2
	in	$0x42, %al
	mov	%al, %ah
	in	$0x42, %al
	xchg	%al, %ah
	mov	%ax, \register
	.endm

	# Program counter 0, wait for the ticks, and print whether they came in time.
	.macro	rate text:req, control:req, count:req, ticks:req
	print	"\text: "
	mov	$\control, %ebx
	mov	$\count, %r12d
	mov	$\ticks, %r13d
	call	measure
	.endm

main:
	call	pic_to_cpu
	gate	0x20, on_tick
	lidt	idtr
	out8	0x43, 0xb0
	out8	0x42, 0
	out8	0x42, 0
	pic_init
	rate	"mode 2, 100 Hz", 0x34, 11932, 10
	rate	"mode 3, 100 Hz", 0x36, 11932, 10
	rate	"mode 2, 40 Hz", 0x34, 29830, 5
	rate	"mode 3, 40 Hz", 0x36, 29829, 5
	rate	"mode 0, after 25 ms", 0x30, 29830, 1
	mov	$0, %al
	ret

	# OUT is high from the beginning in mode 3. If it was low before, that is an edge, and a tick; so
	# make it high beforehand.
measure:
	mov	$ATTEMPTS, %r14d
again:	movl	$-1, ticks
	movb	$0, verdict
	out8	0x43, 0x30
	out8	0x40, 1
	out8	0x40, 0
	unmask	0
1:	sti
	hlt
	cli
	cmpl	$0, ticks
	jl	1b			# not jne: an old tick that still waited can be the second
	movl	$0, ticks
	clock	start
	mov	%ebx, %eax
	out	%al, $0x43
	mov	%r12d, %eax
	out	%al, $0x40
	mov	%ah, %al
	out	%al, $0x40
1:	sti
	hlt
	cli
	cmpb	$0, verdict
	je	1b
	mask	0
	cmpb	$1, verdict
	je	1f
	dec	%r14d
	jnz	again
1:	hex	ticks, 2
	cmpb	$1, verdict
	jne	1f
	print	" ticks in time\n"
	ret
1:	print	" ticks at the wrong time\n"
	ret

	# The time that has passed, less that of the ticks, must be less than a period: else there was one
	# too few or one too many.
on_tick:
	push	%rax
	push	%rbx
	awake	16
	cmpb	$0, verdict
	jne	1f			# no more are counted
	incl	ticks
	cmp	%r13d, ticks
	jne	1f
	clock	%bx
	sub	start, %bx
	neg	%bx			# clocks since the start
	mov	ticks, %eax
	imul	%r12d, %eax
	sub	%ax, %bx
	cmp	%r12w, %bx
	setae	%bl
	inc	%bl
	mov	%bl, verdict
1:	eoi
	pop	%rbx
	pop	%rax
	iretq

	.bss
	.balign	4
ticks:	.skip	4
start:	.skip	2
verdict:				# 0 not yet, 1 in time, 2 not
	.skip	1
