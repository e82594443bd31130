# FS has a base, where the nonce lies. What is read by FS is the nonce, also after an exit: the CPU keeps FS
# only if the hypervisor asks for that.
#
# mode: long
# prints: 00000000 00000000\n
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
	mov	%fs:nonce - there, %ebp
	xor	%eax, %eax
	cpuid				# an exit
	mov	%fs:nonce - there, %ebx
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
nonce:	.quad	0
