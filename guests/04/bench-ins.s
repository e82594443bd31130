# Strings of 1024 bytes from a port to memory. The doorbell has been rung once, so each byte is 1. For
# `./lab bench LAB=04`; how many strings, see guests/lib/times.inc.
#
# mode: long
# prints: sum of the last bytes 00000010\nsum of the last string 00000400\n
# status: 0
# qemu: no, it has no doorbell

	.include "start64.inc"
	.include "tables.inc"
	.include "bell.inc"
	.include "times.inc"

main:
	call	times
	cld
	out	%al, $BELL_PORT
	xor	%ebp, %ebp
	mov	$BELL_PORT, %edx
1:	mov	$string, %edi
	mov	$1024, %ecx
	movb	$0, string + 1023
	rep insb
	movzbl	string + 1023, %eax
	add	%eax, %ebp
	dec	%r13d
	jnz	1b

	show	"sum of the last bytes", %ebp, 8
	xor	%ebp, %ebp
	mov	$1024, %ecx
2:	movzbl	string - 1(%rcx), %eax
	add	%eax, %ebp
	dec	%ecx
	jnz	2b
	show	"sum of the last string", %ebp, 8
	mov	$0, %al
	ret

	.bss
	.balign	4096				# in one page
string:	.skip	1024
