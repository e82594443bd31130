# Memory that comes when it is touched. The guest writes to so many fresh pages as the nonce says, 1 to 8,
# and asks how many exits that made; then it reads them, which makes none. From 2 MiB on a page is a large
# one. And there is a page to read only.
#
# mode: long
# prints: pages 01\nagain 00\nlarge 01\nsum 00000000\nthe hypervisor's own page\n
# status: 0
# qemu: no, it counts the hypervisor's exits

	.include "start64.inc"
	.include "hv.inc"

	.set	FRESH, 0x140000
	.set	LARGE, 0x400000
	.set	ROM, 0x600000

	.macro	violations		# into %eax: how many so far?
	mov	$EXIT_MEMORY, %edi
	hypercall EXITS
	.endm

	.macro	since name:req		# how many since %r12d?
	violations
	sub	%r12d, %eax
	mov	%eax, %ebp
	show	\name, %ebp, 2
	.endm

main:
	call_begin
	mov	nonce, %r13
	mov	%r13d, %r14d
	and	$7, %r14d
	inc	%r14d
	violations
	mov	%eax, %r12d
	mov	$FRESH, %ebx
	mov	%r14d, %ecx
1:	mov	%r13, 8(%rbx)
	add	$4096, %ebx
	loop	1b
	since	pages
	violations
	mov	%eax, %r12d
	xor	%r15d, %r15d
	mov	$FRESH, %ebx
	mov	%r14d, %ecx
2:	add	8(%rbx), %r15
	add	$4096, %ebx
	loop	2b
	since	again
	violations
	mov	%eax, %r12d
	mov	%r13, LARGE
	mov	%r13, LARGE + 0x100000
	mov	%r13, LARGE + 0x1ffff8
	since	large
	show	sum, %r15d, 8
	mov	$ROM, %esi
3:	lodsb
	test	%al, %al
	jz	4f
	out	%al, $0xe9
	jmp	3b
4:	putc	'\n'
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
