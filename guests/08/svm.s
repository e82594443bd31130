# A guest that knows SVM, too: EFER.SVME has to be set while it runs, so its CPU has these instructions. VMLOAD and
# VMSAVE take the machine's addresses, whatever the nested page tables say, and CLGI would keep the host's timer out. The
# nonce says which one it tries.
#
# mode: long
# prints: t
# status: 3
# qemu: no, it looks at the hypervisor
# intel: no, there these instructions are none, and it dies of the first one

	.include "start64.inc"

	.set	BEYOND, 0x3000000	# of the machine's memory, behind that of all guests

main:
	putc	't'
	mov	$BEYOND, %eax
	mov	nonce, %ecx
	and	$3, %ecx
	jz	1f
	dec	%ecx
	jz	2f
	dec	%ecx
	jz	3f
	clgi
	jmp	4f
1:	vmload	%rax
	jmp	4f
2:	vmsave	%rax
	jmp	4f
3:	stgi
4:	print	"hat was let through\n"
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
