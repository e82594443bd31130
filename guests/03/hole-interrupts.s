# Hole 5, interrupts: a kernel switches them off and on all the time. Does the CPU do it? And what does it
# cost: --stats says how many exits a hundred pairs of CLI and STI make.
#
# mode: long
# prints: IF after CLI 0\nIF after STI 1\nIF after POPF 0\na hundred times\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.macro	if_after what:req
	pushf
	pop	%rbp
	bit	"IF after \what", %ebp, 9
	.endm

main:
	mov	$0xff, %al		# no interrupt from the host's timer may come while IF is set
	out	%al, $0x21
	out	%al, $0xa1
	cli
	if_after "CLI"
	sti
	if_after "STI"
	push	$0x2
	popf
	if_after "POPF"
	mov	$100, %ebx
1:	cli
	sti
	dec	%ebx
	jnz	1b
	cli
	print	"a hundred times\n"
	mov	$0, %al
	ret
