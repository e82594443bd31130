# SPDX-License-Identifier: MIT
# The firmware of the emulated Intel machine: all that happens between reset and the door of a
# PVH kernel. Given.
#
# The file is 512 KiB and ends where the first 4 GiB end. Its last page holds this program. Before it lie
# the pieces that are to be in memory, and at its beginning stands the plan, which the runner writes:
#
#	magic, how many rows, the start info, the door, IA32_FEATURE_CONTROL (0: left open);
#	then rows of four: from (in this ROM), to, how many bytes, how many zeros behind them
#
# In the end EBX points to the start info, as Xen's docs/misc/pvh.pandoc wants it: 32-bit protected mode,
# flat segments, no paging, interrupts off.

	.set	ROM, 0xfff80000		# the first byte of the file
	.set	CODE, 0xfffff000	# the last page, this one
	.set	MAGIC, 0x6d6f7276	# "vrom"

	.text
	.code32
start32:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	cld
	mov	$ROM, %ebp
	cmpl	$MAGIC, (%ebp)
	jne	stop
	mov	16(%ebp), %eax		# firmware may lock VMX in or out: SDM 3C, 24.7
	test	%eax, %eax
	jz	rows
	xor	%edx, %edx
	mov	$0x3a, %ecx
	wrmsr
rows:
	mov	4(%ebp), %edx
	lea	20(%ebp), %ebx
copy:
	test	%edx, %edx
	jz	enter
	mov	0(%ebx), %esi
	mov	4(%ebx), %edi
	mov	8(%ebx), %ecx
	rep movsb
	mov	12(%ebx), %ecx
	xor	%eax, %eax
	rep stosb
	add	$16, %ebx
	dec	%edx
	jmp	copy
enter:
	mov	8(%ebp), %ebx
	jmp	*12(%ebp)
stop:
	hlt
	jmp	stop

	.balign	8
gdt:					# null, code, data: flat, 32-bit
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_pointer:
	.word	. - gdt - 1
	.long	CODE + gdt - start32

# At reset CS begins at 4 GiB - 64 KiB, whatever its selector says.
	.code16
start16:
	cli
	lgdtl	%cs:(gdt_pointer - start32 + (CODE & 0xffff))
	mov	%cr0, %eax
	and	$0x9fffffff, %eax	# CD and NW: the caches are off at reset
	or	$1, %eax
	mov	%eax, %cr0
	ljmpl	$8, $CODE

	.org	0xff0
	jmp	start16
	.org	0x1000
