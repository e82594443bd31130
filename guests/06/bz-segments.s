# A bzImage that is no Linux: are the segments those that a kernel may rely on (Linux's boot.rst, "32-bit Boot
# Protocol")? CS is 0x10; DS, ES and SS are 0x18; and both can be loaded anew, since the GDT has them.
#
# mode: bzimage
# prints: cs 10\nds 18\nes 18\nss 18\nthe GDT has them\n
# status: 0
# qemu: no, it runs the setup code, which is not there

	.include "bzimage.inc"

	.text
main:
	movzwl	cs_at_start, %ebx
	show	"cs", %ebx, 2
	movzwl	ds_at_start, %ebx
	show	"ds", %ebx, 2
	movzwl	es_at_start, %ebx
	show	"es", %ebx, 2
	movzwl	ss_at_start, %ebx
	show	"ss", %ebx, 2
	lgdt	gdt_at_start
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	ljmp	$0x10, $1f
1:	print	"the GDT has them\n"
	mov	$0, %al
	ret
