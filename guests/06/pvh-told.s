# A kernel that came in by its PVH door: what any loader must tell it in the same way. (What lies below
# 1 MiB, each machine has its own way.)
#
# mode: protected
# args: --append=root=/dev/vda
# prints: magic 336ec578\nversion 1\ncommand line root=/dev/vda\nmodules 0\nmemory 00100000 07f00000 1\n
# status: 0
# qemu: yes

	.include "start32.inc"
	.include "kernel.inc"

main:
	mov	%ebx, %ebp
	show	"magic", (%ebp), 8
	show	"version", 4(%ebp), 1
	print	"command line "
	mov	24(%ebp), %ebx		# cmdline
	text	%ebx
	show	"modules", 12(%ebp), 1
	mov	40(%ebp), %ebx		# memory map
	mov	48(%ebp), %edi		# so many entries
1:	cmpl	$0x100000, (%ebx)
	jb	2f
	print	"memory "
	hex	(%ebx), 8
	putc	' '
	hex	8(%ebx), 8
	putc	' '
	hex	16(%ebx), 1
	putc	'\n'
2:	add	$24, %ebx
	dec	%edi
	jnz	1b
	mov	$0, %al
	ret
