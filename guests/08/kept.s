# What `registers` has in its sixteen general registers, over an exit: a bit for each that is still the same
# behind it. (OUT of AL to a port without a device changes none.)
#
# mode: long
# prints: kept ffff\n
# status: 0
# qemu: yes

	.include "start64.inc"

	# Do something with each register in turn, and its place in `seen`.
	.macro	each doing:req
	.set	.Lplace, seen
	.irp	reg, rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	\doing	%\reg, .Lplace
	.set	.Lplace, .Lplace + 8
	.endr
	.endm
	.macro	fetch register:req, place:req
	mov	\place, \register
	.endm
	.macro	store register:req, place:req
	mov	\register, \place
	.endm

main:
	mov	%rsp, my_rsp		# nothing interrupts this guest
	movabs	$0x0123456789abcdef, %rax
	xor	nonce, %rax
	xor	%ecx, %ecx
1:	mov	%rax, seen(, %rcx, 8)
	rol	$4, %rax
	inc	%ecx
	cmp	$16, %ecx
	jne	1b
	mov	%rax, number		# once around: as it was

	each	fetch
	out	%al, $0x80
	each	store
	mov	my_rsp, %rsp

	mov	number, %rax
	xor	%ebp, %ebp
	xor	%ecx, %ecx
2:	cmp	%rax, seen(, %rcx, 8)
	jne	3f
	bts	%ecx, %ebp
3:	rol	$4, %rax
	inc	%ecx
	cmp	$16, %ecx
	jne	2b
	show	"kept", %ebp, 4
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	8
my_rsp:	.skip	8
number:	.skip	8
seen:	.skip	8 * 16
