# It walks ACPI's tables as a kernel does (ACPI 6.4, 5.2.5 to 5.2.8): it looks for the RSDP, every 16
# bytes from 0xe0000 on, and follows it. Of each table: its signature, its length, whether its bytes add up
# to 0; of the MADT: how many CPUs it names; of the DSDT: how many virtio windows it describes, and the
# address and interrupt of each; of the FADT: where the reset register is.
#
# mode: long
# options: --irqchip=kernel
# prints: rsdp 00\nall of it 00\nXSDT 0034 00\nFACP 0114 00\n
# status: 0
# qemu: no, its tables are others

	.include "start64.inc"

	# %ebx: so many bytes at %rdi add up to (8 bits)
	.macro	add_up bytes:req
	mov	\bytes, %ecx
	call	add_bytes
	.endm

main:
	mov	$0xe0000, %edi
	movabs	$0x2052545020445352, %rax	# "RSD PTR "
1:	cmp	(%rdi), %rax
	je	2f
	add	$16, %edi
	cmp	$0x100000, %edi
	jb	1b
	print	"no RSDP\n"
	mov	$1, %al
	ret
2:	mov	%edi, %r8d
	add_up	$20
	show	"rsdp", %ebx, 2
	mov	%r8d, %edi
	add_up	20(%rdi)
	show	"all of it", %ebx, 2
	mov	24(%r8), %r8		# the XSDT
	mov	%r8, %rdi
	call	table
	mov	4(%r8), %r9d
	sub	$36, %r9d
	shr	$3, %r9d		# so many addresses
	lea	36(%r8), %r10
3:	mov	(%r10), %rdi
	call	table
	cmpl	$0x50434146, (%rdi)	# "FACP"
	jne	4f
	call	fadt
4:	cmpl	$0x43495041, (%rdi)	# "APIC"
	jne	5f
	call	madt
5:	add	$8, %r10
	dec	%r9d
	jnz	3b
	mov	$0, %al
	ret

	# A table at %rdi, which stays: its signature, length, sum.
table:	push	%rdi
	mov	$4, %ebp
	mov	%edi, %esi
1:	lodsb
	out	%al, $0xe9
	dec	%ebp
	jnz	1b
	mov	4(%rdi), %ebp
	putc	' '
	hex	%ebp, 4
	add_up	4(%rdi)
	putc	' '
	hex	%ebx, 2
	putc	'\n'
	pop	%rdi
	ret

fadt:	push	%rdi
	mov	%rdi, %r11
	show	"reset register", 120(%r11), 4
	movzbl	128(%r11), %ebp
	show	"its value", %ebp, 2
	show	"sleep control", 248(%r11), 4
	mov	140(%r11), %rdi		# the DSDT
	call	table
	call	windows
	pop	%rdi
	ret

	# In a DSDT at %rdi: each "LNRO0005", and in the resources behind it a fixed memory range of 32 bits
	# (0x86) and an extended interrupt (0x89).
windows:
	mov	4(%rdi), %r12d
	add	%edi, %r12d		# its end
	movabs	$0x353030304f524e4c, %rax
1:	cmp	(%rdi), %rax
	je	2f
3:	inc	%edi
	cmp	%r12d, %edi
	jb	1b
	ret
2:	push	%rax
4:	inc	%edi
	cmpw	$0x0986, (%rdi)
	jne	4b
	cmpb	$0, 2(%rdi)
	jne	4b
	print	"window "
	hex	4(%rdi), 8
	putc	' '
	hex	8(%rdi), 4
	print	" interrupt "
	hex	17(%rdi), 2
	putc	'\n'
	pop	%rax
	jmp	3b

	# The MADT's entries.
madt:	push	%rdi
	mov	4(%rdi), %r12d
	add	%edi, %r12d
	show	"local apic", 36(%rdi), 8
	add	$44, %edi
1:	cmpb	$0, (%rdi)
	jne	2f
	print	"cpu "
	movzbl	3(%rdi), %ebp
	hex	%ebp, 2
	putc	'\n'
2:	cmpb	$1, (%rdi)
	jne	3f
	print	"i/o apic "
	hex	4(%rdi), 8
	putc	'\n'
3:	movzbl	1(%rdi), %eax
	test	%eax, %eax
	jz	4f
	add	%eax, %edi
	cmp	%r12d, %edi
	jb	1b
4:	pop	%rdi
	ret

add_bytes:
	xor	%ebx, %ebx
1:	movzbl	(%rdi), %eax
	add	%al, %bl
	inc	%edi
	dec	%ecx
	jnz	1b
	ret
