# FS has a base, where a number lies: the nonce with some bits turned round, so that it is one by hand, too. What
# is read by FS is that number, also after an exit: the CPU keeps FS only if the hypervisor asks for that.
#
# mode: long
# prints: 89abcdef 89abcdef\n
# status: 0
# qemu: no, it looks at the hypervisor

	.include "start64.inc"

main:
	mov	$there, %eax
	mov	%ax, fs_at + 2
	shr	$16, %eax
	mov	%al, fs_at + 4
	mov	%ah, fs_at + 7
	lgdt	table
	mov	$0x18, %eax
	mov	%eax, %fs
	mov	nonce, %eax
	xor	%eax, number
	mov	%fs:number - there, %ebp
	xor	%eax, %eax
	cpuid				# an exit
	mov	%fs:number - there, %ebx
	hex	%ebp, 8
	putc	' '
	hex	%ebx, 8
	putc	'\n'
	mov	$0, %al
	ret

	.data
	.balign	8
gdt2:	.quad	0
	.quad	0x00af9a000000ffff
	.quad	0x00cf92000000ffff
fs_at:	.quad	0x00cf92000000ffff
table:	.word	. - gdt2 - 1
	.quad	gdt2
	.balign	8
there:	.skip	32
number:	.long	0x89abcdef
	.balign	8
nonce:	.quad	0
