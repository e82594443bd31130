# Hole 1, ring aliasing: in how many ways does the CPU tell a kernel on which ring it runs? Under
# --mmu=shadow each line ends with 3.
#
# mode: long
# prints: MOV from CS: ring 0\nMOV from SS: ring 0\na far call's frame: ring 0\nan exception's frame: ring 0\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"

	.macro	ring where:req, value:req
	mov	\value, %ebp
	and	$3, %ebp
	show	"\where: ring", %ebp, 1
	.endm

main:
	gate	6, on_undefined
	lidt	idtr
	mov	%cs, %eax
	ring	"MOV from CS", %eax
	mov	%ss, %eax
	ring	"MOV from SS", %eax
	mov	%cs, %eax
	mov	%ax, there + 4
	lcall	*there
	ring	"a far call's frame", %ebx
	ud2
	ring	"an exception's frame", %ebx
	mov	$0, %al
	ret

called:
	mov	4(%rsp), %ebx		# CS, where we were called from
	lretl

on_undefined:
	mov	8(%rsp), %ebx		# CS, behind RIP
	addq	$2, (%rsp)		# the UD2 is done
	iretq

	.data
	.balign	8
there:	.long	called
	.word	0
