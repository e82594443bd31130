# A guest that goes step by step (RFLAGS.TF). What a hypervisor does in its place, CPUID and OUT, are steps as all
# others are: behind each comes a #DB, and DR6 says that it is one (BS).
#
# mode: long
# prints: steps 7, told 3\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"

	.set	TF, 0x100
	.set	BS, 0x4000

main:
	gate	1, on_step
	lidt	idtr
	xor	%r12d, %r12d		# a bit for each of the three steps
	xor	%r13d, %r13d		# of how many DR6 has told
	xor	%eax, %eax
	pushfq
	orq	$TF, (%rsp)
	popfq				# from the next instruction on
	cpuid
behind_cpuid:
	nop
behind_nop:
	out	%al, $0x80
behind_out:
	nop
	print	"steps "
	hex	%r12d, 1
	print	", told "
	hex	%r13d, 1
	putc	'\n'
	mov	$0, %al
	ret

on_step:
	mov	%dr6, %rax
	test	$BS, %eax
	jz	1f
	inc	%r13d
1:	mov	$0xffff0ff0, %eax
	mov	%rax, %dr6
	mov	(%rsp), %rax
	cmp	$behind_cpuid, %rax
	jne	2f
	or	$1, %r12d
2:	cmp	$behind_nop, %rax
	jne	3f
	or	$2, %r12d
3:	cmp	$behind_out, %rax
	jb	5f
	jne	4f
	or	$4, %r12d
4:	andq	$~TF, 16(%rsp)		# that is far enough
5:	iretq
