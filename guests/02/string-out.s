# One instruction, many bytes: rep outsb sends a whole line. KVM may hand it over byte by byte or
# many bytes in one exit: the exit's count says how many.
#
# rep outsw then sends words to port 0xe9. A word covers two ports: its low byte goes to 0xe9 and
# is printed, its high byte goes to 0xea, where nobody is.
#
# mode: real
# prints: bytes go out as they are\n
# prints: words lose every second byte\n
# status: 0
# qemu: no, a 16-bit guest is not a kernel that QEMU starts

	.code16
	.globl	start
start:
	mov	$0xe9, %dx		# outs takes its port from DX
	mov	$bytes, %si
	mov	$bytes_end - bytes, %cx
	rep outsb

	mov	$words, %si
	mov	$(words_end - words) / 2, %cx
	rep outsw
	hlt

bytes:
	.ascii	"bytes go out as they are\n"
bytes_end:

words:
	.irpc	char, "words lose every second byte"
	.ascii	"\char-"		# the low byte first, then the high one
	.endr
	.ascii	"\n-"
words_end:
