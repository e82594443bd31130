# An endless loop. It never exits to the host again, so only a time limit can end it.
#
# mode: real
# args: --timeout=1
# prints: spinning\n
# status: 124
# qemu: no, it never ends

	.include "guest.inc"

	.code16
	.globl	start
start:
	print	"spinning\n"
	sti			# Bochs holds back the host's timer, too, while a guest has IF = 0
forever:
	jmp	forever
