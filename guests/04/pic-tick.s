# A thousand ticks of the timer at 250 Hz: ten that have to wait, since interrupts are off, then up to
# half of all while the CPU is halted, then the others while it computes. None may get lost, none may
# be made up: the other two counters, which run on by themselves, know how much time has passed.
#
# As many ticks more as the low six bits of the nonce say come while it is halted.
#
# mode: long
# prints: halted 01f4\ncomputing 01f4\nlost 0000\nmade up 0000\n
# status: 0
# qemu: no, it loses ticks when the host is busy

	.include "start64.inc"
	.include "idt.inc"
	.include "pic.inc"

	.set	PERIOD, 4773		# clocks of 1,193,182 Hz
	.set	TICKS, 1000
	.set	PATIENCE, 1000		# ticks until we give up to be in time
	.set	ROUND_1, 65536 - 256	# counts of counters 1 and 2: see elapsed

	.macro	program counter:req, count:req
	out8	0x43, 0x34 | \counter << 6	# low byte and high byte, mode 2
	out8	0x40 + \counter, \count & 0xff
	out8	0x40 + \counter, \count >> 8 & 0xff
	.endm

	.macro	count counter:req, register:req
	in	$0x40 + \counter, %al
	mov	%al, %ah
	in	$0x40 + \counter, %al
	xchg	%al, %ah
	movzwl	%ax, %eax
	mov	%eax, \register
	.endm

main:
	mov	nonce, %eax
	and	$63, %eax
	add	%eax, to_halt
	sub	%eax, to_compute
	gate	0x20, on_tick
	lidt	idtr
	program	1, ROUND_1
	program	2, 65536
begin:
	out8	0x43, 0x30		# mode 0: no tick for a while
	out8	0x40, 0
	out8	0x40, 0
	pic_init			# it forgets who asked before
	unmask	0
	out8	0x43, 0xdc
	program	0, PERIOD
	count	1, start_1
	count	2, start_2
	call	elapsed
	cmp	$PERIOD / 2, %eax
	ja	begin			# a busy host kept us from it: not a good start
deaf:
	call	elapsed
	cmp	$10 * PERIOD, %eax
	jb	deaf
half:
	sti
	hlt
	cmpl	$0, to_halt
	jne	half
compute:
	imul	$69069, %ebp, %ebp
	inc	%ebp
	cmp	%r12d, ticks
	je	1f
	mov	ticks, %r12d
	settle				# a tick has come: if more are owed to us, this is the time
1:	cmpb	$0, verdict
	je	compute
	cli
	show	"halted", halted, 4
	show	"computing", computing, 4
	mov	late, %eax
	add	$PERIOD * (TICKS + PATIENCE), %eax	# not negative
	xor	%edx, %edx
	mov	$PERIOD, %ecx
	div	%ecx			# rounded down: a bit too early is a tick made up
	sub	$TICKS + PATIENCE, %eax
	js	1f
	mov	%eax, lost
1:	neg	%eax
	js	1f
	mov	%eax, made_up
1:	show	"lost", lost, 4
	show	"made up", made_up, 4
	mov	$0, %al
	ret

# Clocks since the start, in EAX (changes EBX, ECX, EDX). Counter 2 goes round in 65536 clocks, so it
# has their low 16 bits. Counter 1 goes round in 256 less: each round of counter 2 brings it forward
# by 256 more, by which the rounds can be counted, up to 255.
elapsed:
	out8	0x43, 0xdc		# read-back: hold both counts
	count	1, %ecx
	count	2, %ebx
	mov	start_2, %eax
	sub	%ebx, %eax
	movzwl	%ax, %eax
	mov	start_1, %edx
	sub	%ecx, %edx
	sub	%eax, %edx
	add	$3 * ROUND_1 + 128, %edx	# not negative; and rounded
	shr	$8, %edx
1:	sub	$255, %edx
	jns	1b
	add	$255, %edx
	shl	$16, %edx
	add	%edx, %eax
	ret

on_tick:
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	incl	ticks
	cmpl	$0, to_halt
	je	1f
	decl	to_halt
	incl	halted
	jmp	done
1:	cmpl	$0, to_compute
	je	2f
	decl	to_compute
	incl	computing
	cmpl	$0, to_compute
	jne	done

	# The time that has passed, less that of all ticks so far: below 0, one was made up; less than a
	# period, none was lost. A busy host may make us late, so that some ticks still wait: they come
	# one right after the other, and the first one that is in time decides. We only ask at every
	# eighth, since asking costs time, too.
2:	testb	$7, ticks
	jnz	done
	call	elapsed
	imul	$PERIOD, ticks, %ebx
	sub	%ebx, %eax
	js	3f
	cmp	$PERIOD, %eax
	jb	3f
	cmpl	$TICKS + PATIENCE, ticks
	jb	done
3:	mov	%eax, late
	movb	$1, verdict
	mask	0
done:
	eoi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	iretq

	.data
	.balign	8
nonce:	.quad	0
to_halt:
	.long	TICKS / 2
to_compute:
	.long	TICKS / 2
halted:	.long	0
computing:
	.long	0
ticks:	.long	0			# and those that come late
start_1:
	.long	0
start_2:
	.long	0
late:	.long	0			# by how many clocks the last tick came after its time
lost:	.long	0
made_up:
	.long	0
verdict:
	.byte	0			# late is known
