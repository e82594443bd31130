# A debug register over an exit: which breakpoints are on (none is where this guest comes by). Both CPUs have a place
# for DR7 in what they keep of a guest, but Intel's loads and saves it only if a control of each says so.
#
# mode: long
# prints: dr7 00000400\n
# status: 0
# qemu: yes

	.include "start64.inc"

main:
	mov	nonce, %eax
	and	$0xff, %eax		# on or off, by L0 to G3: DR0 to DR3 are 0
	or	$0x400, %eax
	mov	%rax, %dr7
	putc	'd'			# an exit
	mov	%dr7, %rbp
	show	r7, %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
