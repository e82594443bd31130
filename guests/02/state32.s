# Where are we? A 32-bit guest asks the processor: its segments, protected mode on (PE), paging
# off (PG). Ends with status 16 + (nonce & 63).
#
# mode: protected
# prints: cs 0008\n
# prints: ds 0010\n
# prints: cr0.pe 1\n
# prints: cr0.pg 0\n
# prints: nonce 0000000000000000\n
# status: 16
# qemu: yes

	.include "start32.inc"

main:
	mov	%cs, %eax
	show	"cs", %eax, 4
	mov	%ds, %eax
	show	"ds", %eax, 4

	mov	%cr0, %ebx
	bit	"cr0.pe", %ebx, 0
	bit	"cr0.pg", %ebx, 31

	print	"nonce "
	hex	nonce + 4, 8
	hex	nonce, 8
	putc	'\n'

	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	ret

	.data
	.balign	8
nonce:
	.quad	0
