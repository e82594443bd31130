# Ring the doorbell in memory, many times. For `./lab bench LAB=04`; how often, see guests/lib/times.inc.
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
	call	map_bell
	call	times
	mov	$BELL, %edi
1:	mov	%eax, (%rdi)
	dec	%r13d
	jnz	1b

	mov	BELL, %ebp
	show	"rings", %ebp, 8
	mov	$0, %al
	ret
