# Hello from 16-bit real mode, one byte at a time: each out is one exit to the host.
#
# mode: real
# prints: Hello from real mode\n
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.code16
	.globl	start
start:
	mov	$text, %si
next:
	lodsb				# AL = the byte at SI; SI moves on
	test	%al, %al
	jz	done			# a zero ends the text
	out	%al, $0xe9		# the console port
	jmp	next
done:
	hlt

text:
	.asciz	"Hello from real mode\n"
