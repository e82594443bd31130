# Stores to the screen, of which each has to be seen after those before it: the same cell 512 times
# and more, then cells that overlap. At the end, and in between, the guest reads what is there.
#
# mode: long
# args: --vga=coalesced
# prints: last 00000200 of 00000200\nevery 40: 00000000\noverlap 33221144\nby string 00000100\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	SCREEN, 0xb8000

main:
	cld
	mov	nonce, %ebp			# 512 to 767 stores
	and	$255, %ebp
	add	$512, %ebp
	mov	$SCREEN, %edi
	xor	%ebx, %ebx
1:	inc	%ebx
	mov	%ebx, (%rdi)
	cmp	%ebp, %ebx
	jne	1b
	mov	(%rdi), %r12d
	print	"last "
	hex	%r12d, 8
	print	" of "
	hex	%ebp, 8
	putc	'\n'

	xor	%r12d, %r12d			# a read behind each 40th store: how many are wrong?
	xor	%ebx, %ebx
	xor	%r13d, %r13d
2:	inc	%ebx
	mov	%ebx, SCREEN + 64(, %r13, 4)	# 8 cells in turn
	lea	1(%r13), %r13d
	and	$7, %r13d
	mov	%ebx, %eax
	xor	%edx, %edx
	mov	$40, %ecx
	div	%ecx
	test	%edx, %edx
	jnz	3f
	lea	-1(%r13), %eax
	and	$7, %eax
	cmp	%ebx, SCREEN + 64(, %rax, 4)
	je	3f
	inc	%r12d
3:	cmp	%ebp, %ebx
	jb	2b
	show	"every 40:", %r12d, 8

	mov	$0x11223344, %eax		# four bytes, then two of them, then one
	mov	%eax, SCREEN + 128
	mov	$0x3322, %eax
	mov	%ax, SCREEN + 130
	movb	$0x11, SCREEN + 129
	mov	SCREEN + 128, %r12d
	show	"overlap", %r12d, 8

	mov	$SCREEN + 256, %edi		# by one instruction: it is interrupted where the ring is full
	mov	$256, %ecx
	mov	$0x5a5a, %eax
	rep stosw
	mov	$SCREEN + 256, %esi
	mov	$256, %ecx
	xor	%ebx, %ebx
4:	cmpw	$0x5a5a, (%rsi)
	jne	5f
	inc	%ebx
5:	add	$2, %esi
	loop	4b
	show	"by string", %ebx, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
