# Hole 6, hidden state: what a segment register holds is its selector and, where no instruction sees it, what
# the descriptor said when it was loaded. This guest loads FS, changes the descriptor, and looks. Then it
# saves and restores FS by its selector, as a VMM had to do it between two guests.
#
# Under --mmu=shadow all lines are another one: the CPU's table is the VMM's, and says "flat".
#
# mode: long
# prints: loaded 1111\nits descriptor changed 1111\nsaved and restored 2222\n
# status: 0
# qemu: yes

	.include "start64.inc"

	.set	FS, 0x18

	.macro	through_fs what:req
	mov	%fs:flat, %ebp
	show	"\what", %ebp, 4
	.endm

main:
	lgdt	my_gdtr
	movw	$first - flat, my_fs + 2	# its base
	mov	$FS + 3, %eax		# its DPL is 3: CPL 0 and CPL 3 may load it
	mov	%eax, %fs
	through_fs "loaded"
	movw	$second - flat, my_fs + 2
	through_fs "its descriptor changed"
	mov	%fs, %ebx		# this much of FS can be saved
	mov	$0, %eax
	mov	%eax, %fs		# somebody else's
	mov	%ebx, %fs
	through_fs "saved and restored"
	mov	$0, %al
	ret

	.data
	.balign	8
my_gdt:	.quad	0
	.quad	0x00af9a000000ffff	# 0x08, 0x10: as in start64.inc
	.quad	0x00cf92000000ffff
my_fs:	.quad	0x00cff2000000ffff	# 0x18: data, DPL 3
my_gdtr: .word	. - my_gdt - 1
	.quad	my_gdt
flat:	.quad	0xf1a7			# here FS leads if its base is 0
first:	.quad	0x1111
second:	.quad	0x2222
