# A thousand ticks of the timer at 250 Hz: ten that have to wait, since interrupts are off, then up to
# half of all while the CPU is halted, then the others while it computes. None may get lost, none may
# be made up: the other two counters, which run on by themselves, know how much time has passed.
#
# As many ticks more as the low six bits of the nonce say come while it is halted. The next two bits
# are for a slow or busy machine: all is half as often, a quarter, an eighth (31 Hz).
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
	.set	PATIENCE, 1000		# ticks in which no debt was paid: then it is none
	.set	ROUND_1, 65536 - 256	# counts of counters 1 and 2: see elapsed
	.set	ROUNDS, 255 << 16	# clocks after which both are where they were

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
	mov	%eax, %ecx
	shr	$6, %ecx
	and	$3, %ecx
	and	$63, %eax
	shr	%cl, %eax
	shll	%cl, period
	shrl	%cl, patience
	shrl	%cl, to_halt
	shrl	%cl, to_compute
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
	out8	0x43, 0x34
	mov	period, %eax
	out	%al, $0x40
	mov	%ah, %al
	out	%al, $0x40
	count	1, start_1
	count	2, start_2
	movl	$0, last
	movl	$0, total
	call	elapsed
	shl	%eax
	cmp	period, %eax
	ja	begin			# a busy host kept us from it: not a good start
	imul	$10, period, %esi
deaf:
	call	elapsed
	cmp	%esi, %eax
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
	mov	$lost, %ebx
	test	%eax, %eax
	jns	1f
	neg	%eax
	add	period, %eax
	dec	%eax			# a bit too early is a tick made up
	mov	$made_up, %ebx
1:	call	periods
	mov	%eax, (%rbx)
	show	"lost", lost, 4
	show	"made up", made_up, 4
	mov	$0, %al
	ret

# How many periods are in so many clocks: EAX (changes EDX).
periods:
	xor	%edx, %edx
	divl	period
	ret

# Clocks since the start, in EAX (changes EBX, ECX, EDX). Counter 2 goes round in 65536 clocks, so it
# has their low 16 bits. Counter 1 goes round in 256 less: each round of counter 2 brings it forward
# by 256 more, by which the rounds can be counted, up to 255. That is 14 seconds, which can be over on
# a busy host: so we go on from the last time, and must be called each 7 seconds at least.
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
	mov	%eax, %ebx
	sub	last, %eax
	mov	%ebx, last
	cmp	$ROUNDS / 2, %eax	# half of it forward, half of it back
	jle	1f
	sub	$ROUNDS, %eax
1:	cmp	$-ROUNDS / 2, %eax
	jge	1f
	add	$ROUNDS, %eax
1:	add	total, %eax
	mov	%eax, total
	ret

on_tick:
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	incl	ticks
	testb	$63, ticks
	jnz	1f
	call	elapsed			# not to lose count of the time
1:	cmpl	$0, to_halt
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
	# one right after the other, and the first one that is in time decides. As long as we are late by
	# fewer and fewer periods, there may be one. We only ask at every eighth, since asking costs time,
	# too; and twice before we say that one was made up, since a busy host may read the two counters
	# at two times.
2:	testb	$7, ticks
	jnz	done
	call	lateness
	jns	1f
	call	lateness
	js	3f
1:	call	periods
	cmp	fewest, %eax
	jae	1f
	mov	%eax, fewest
	mov	ticks, %ebx
	mov	%ebx, fewest_at
1:	test	%eax, %eax
	jz	3f
	mov	ticks, %ebx
	sub	fewest_at, %ebx
	cmp	patience, %ebx
	jb	done
3:	movb	$1, verdict
	mask	0
done:
	eoi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	iretq

# By how many clocks the last tick has come after its time: late, EAX, and the flags of its sign
# (changes EBX, ECX, EDX).
lateness:
	call	elapsed
	mov	ticks, %ebx
	imul	period, %ebx
	sub	%ebx, %eax
	mov	%eax, late
	ret

	.data
	.balign	8
nonce:	.quad	0
period:	.long	PERIOD
patience:
	.long	PATIENCE
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
last:	.long	0			# what elapsed had, less than ROUNDS
total:	.long	0			# and in all
late:	.long	0			# by how many clocks the last tick came after its time
fewest:	.long	-1			# by how many periods at the least so far
fewest_at:
	.long	0			# ticks at which that was
lost:	.long	0
made_up:
	.long	0
verdict:
	.byte	0			# late is known
