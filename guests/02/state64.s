# Where are we? A 64-bit guest asks the processor: its segments, and the four bits that together
# make long mode. Ends with status 16 + (nonce & 63).
#
# mode: long
# prints: cs 0008\n
# prints: ds 0010\n
# prints: cr0.pg 1\n
# prints: cr4.pae 1\n
# prints: efer.lme 1\n
# prints: efer.lma 1\n
# prints: nonce 0000000000000000\n
# status: 16
# qemu: yes

	.include "start64.inc"

main:
	mov	%cs, %eax
	show	"cs", %eax, 4
	mov	%ds, %eax
	show	"ds", %eax, 4

	mov	%cr0, %rbx
	bit	"cr0.pg", %ebx, 31	# paging is on
	mov	%cr4, %rbx
	bit	"cr4.pae", %ebx, 5	# page table entries have 64 bits
	mov	$0xc0000080, %ecx
	rdmsr
	mov	%eax, %ebx
	bit	"efer.lme", %ebx, 8	# long mode is wanted
	bit	"efer.lma", %ebx, 10	# long mode is active: the processor says so

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
