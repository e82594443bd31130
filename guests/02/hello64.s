# Hello from 64-bit long mode. The text goes to port 0xe9, a byte at a time. A virtual machine has
# nothing behind that port: each out stops the guest, and your program does the printing.
#
# mode: long
# prints: Hello from long mode\n
# status: 0
# qemu: yes

	.include "start64.inc"		# the way here from the first instruction

main:
	mov	$text, %rsi
next:
	lodsb				# AL = the byte at RSI; RSI moves on
	test	%al, %al
	jz	done			# a zero ends the text
	out	%al, $0xe9		# exit to the host: print AL
	jmp	next
done:
	mov	$0, %al			# the status
	ret

text:
	.asciz	"Hello from long mode\n"
