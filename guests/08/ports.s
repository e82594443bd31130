# Ports of every width: bytes go to the console, others to ports that nobody has, and what is read there is
# all ones. Then strings, forwards and backwards, with and without REP.
#
# mode: long
# prints: in1 11223344556677ff\nin2 112233445566ffff\nin4 00000000ffffffff\nabcdefgh\nijklmn\n0000000000000000\nleft 0000 back 0001 +05\nffffffff00000000\n
# status: 23
# qemu: no, there every port has its device

	.include "start64.inc"

	.set	NOBODY, 0x1e0

	.macro	wide name:req, reg:req	# print RAX after an IN
	mov	$0x1122334455667788, %rax
	mov	$NOBODY, %edx
	in	%dx, \reg
	mov	%rax, %rbx
	shr	$32, %rax
	mov	%eax, %ebp
	print	"\name "
	hex	%ebp, 8
	hex	%ebx, 8
	putc	'\n'
	.endm

main:
	wide	in1, %al
	wide	in2, %ax
	wide	in4, %eax

	mov	$0x64636261, %eax	# "abcd"
	mov	$0xe9, %edx
	outl	%eax, %dx
	mov	$0x6665, %eax
	outw	%ax, %dx
	mov	$0xffff6867, %eax
	.byte	0x66, 0xe7, 0xe9	# outw %ax, $0xe9
	putc	'\n'
	mov	$NOBODY, %edx
	outl	%eax, %dx
	outw	%ax, %dx

	mov	$text, %esi		# a string without REP: one element
	mov	$0xe9, %edx
	outsl
	outsw
	mov	$7, %eax
	cmp	$text + 6, %rsi
	jne	wrong
	putc	'\n'

	mov	nonce, %rax		# the nonce's digits, last one first, by one REP OUTSB backwards
	mov	$line, %edi
	mov	$16, %ecx
1:	mov	%eax, %ebx
	and	$15, %ebx
	mov	digits(%rbx), %bl
	mov	%bl, (%rdi)
	inc	%rdi
	shr	$4, %rax
	loop	1b
	lea	-1(%rdi), %rsi
	mov	$16, %ecx
	mov	$0xe9, %edx
	std
	rep outsb
	cld
	mov	%rcx, %rbx
	sub	$line, %rsi
	mov	%rsi, %rbp
	putc	'\n'
	print	"left "
	hex	%ebx, 4
	neg	%ebp
	print	" back "
	hex	%ebp, 4
	putc	' '
	putc	'+'

	xor	%ecx, %ecx		# REP with 0 does nothing
	mov	$text, %esi
	mov	$0xe9, %edx
	rep outsb
	mov	$room, %edi		# four bytes from nobody, and no more
	mov	$4, %ecx
	mov	$NOBODY, %edx
	rep insb
	add	%ecx, %edi
	sub	$room - 1, %edi
	hex	%edi, 2
	putc	'\n'
	mov	room, %ebx
	hex	%ebx, 8
	mov	room + 4, %ebx
	hex	%ebx, 8
	putc	'\n'
	mov	$23, %al
	ret
wrong:
	print	"wrong\n"
	ret

	.section .rodata
text:	.ascii	"ijklmn"
digits:	.ascii	"0123456789abcdef"
	.data
	.balign	8
nonce:	.quad	0
room:	.quad	0
line:	.skip	16
