# Strings of 32 bytes from memory to a port, the doorbell's: each byte rings. For `./lab bench LAB=04`;
# how many strings, see guests/lib/times.inc.
#
# mode: long
# prints: rings 00000200\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "tables.inc"
	.include "bell.inc"
	.include "times.inc"

main:
	call	times
	cld
	mov	$BELL_PORT, %edx
1:	mov	$string, %esi
	mov	$32, %ecx
	rep outsb
	dec	%r13d
	jnz	1b

	in	$BELL_PORT, %eax
	mov	%eax, %ebp
	show	"rings", %ebp, 8
	mov	$0, %al
	ret

	.bss
	.balign	4096				# in one page
string:	.skip	32
