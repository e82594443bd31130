# One of two guests with the same image: each has memory and registers of its own. It turns its number round
# until the timer has taken the CPU away twice, and prints it by one instruction. Two of its pages have
# changed places by then.
#
# mode: long
# prints: guest 0 0000000000000000\nguest 1 0000000000000001\n
# status: 0
# args: guests=2 ticks=30000
# qemu: no, it looks at the hypervisor

	.include "start64.inc"
	.include "hv.inc"

	.set	ONE, 0x190000		# two pages of its memory
	.set	OTHER, 0x191000

main:
	call_begin
	hypercall WHO
	mov	%rax, %r12
	add	$'0', %al
	mov	%al, line + 6
	mov	nonce, %r13
	add	%r12, %r13		# what it shall print
	mov	%r13, %r14
	mov	%r13, %r15
	mov	%r13, ONE
	hypercall WHO
	mov	%rax, OTHER
	mov	$ONE, %edi
	mov	$OTHER, %esi
	hypercall SWAP			# its pages change places
1:	mov	$100000, %ecx
2:	rol	$7, %r14
	ror	$7, %r15
	loop	2b
	hypercall TICKS
	cmp	$2, %eax
	jb	1b
	mov	$64, %ecx		# on, until both are the same again
3:	cmp	%r14, %r13
	je	4f
	rol	$1, %r14
	ror	$1, %r15
	loop	3b
	jmp	wrong
4:	cmp	%r15, %r13
	jne	wrong
	cmp	OTHER, %r13
	jne	wrong
	cmp	ONE, %r12
	jne	wrong
	mov	$line + 8, %edi
	mov	$16, %ecx
5:	rol	$4, %r13
	mov	%r13d, %eax
	and	$15, %eax
	mov	digits(%rax), %al
	stosb
	loop	5b
	mov	$line, %esi
	mov	$line_end - line, %ecx
	mov	$0xe9, %edx
	rep outsb
	mov	$0, %al
	ret
wrong:
	print	"a register or memory is another's\n"
	mov	$1, %al
	ret

	.section .rodata
digits:	.ascii	"0123456789abcdef"
	.data
	.balign	8
nonce:	.quad	0
line:	.ascii	"guest . ................\n"
line_end:
