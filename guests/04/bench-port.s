# Ring the doorbell by port, many times. For `./lab bench LAB=04`; how often, see guests/lib/times.inc.
#
# mode: long
# prints: rings 00000010\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "tables.inc"
	.include "bell.inc"
	.include "times.inc"

main:
	call	times
1:	out	%eax, $BELL_PORT
	dec	%r13d
	jnz	1b

	in	$BELL_PORT, %eax
	mov	%eax, %ebp
	show	"rings", %ebp, 8
	mov	$0, %al
	ret
