# A kernel that came in by its PVH door: what does it find at %ebx? (Xen's start_info.h)
#
# mode: protected
# prints: magic 336ec578\nversion 1\ncommand line \nmodules 0\nmemory 00000000 000a0000 1\nmemory 000c0000 00040000 2\nmemory 00100000 07f00000 1\n
# status: 0
# qemu: no, it says where its own firmware's memory is, too

	.include "start32.inc"
	.include "kernel.inc"

main:
	mov	%ebx, %ebp
	show	"magic", (%ebp), 8
	show	"version", 4(%ebp), 1
	print	"command line "
	mov	24(%ebp), %ebx		# cmdline
	test	%ebx, %ebx
	jnz	1f
	mov	$nothing, %ebx
1:	text	%ebx
	show	"modules", 12(%ebp), 1
	cmpl	$0, 12(%ebp)
	je	2f
	mov	16(%ebp), %ebx		# the list's first entry: address, size, command line
	mov	8(%ebx), %edi
	show	"bytes", %edi, 8
	mov	(%ebx), %ebx
	test	$0xfff, %ebx
	jnz	broken
	sum	%ebx, %edi
	show	"sum", %eax, 8
2:	mov	40(%ebp), %ebx		# memory map
	mov	48(%ebp), %edi		# so many entries
	lea	-1(%edi), %eax
	cmp	$32, %eax
	jae	many
3:	print	"memory "
	hex	(%ebx), 8
	putc	' '
	hex	8(%ebx), 8
	putc	' '
	hex	16(%ebx), 1
	putc	'\n'
	add	$24, %ebx
	dec	%edi
	jnz	3b
	mov	$0, %al
	ret
many:
	show	"a memory map of so many entries:", %edi, 8
	mov	$1, %al
	ret
broken:
	print	"the module does not begin on a page of its own\n"
	mov	$1, %al
	ret

	.bss
nothing:
	.skip	1
