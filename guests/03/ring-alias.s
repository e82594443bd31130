# Asks the CPU who it is, in ways that need no privilege, and compares what it says with what the guest
# itself has done. Where the two differ, somebody is in between.
#
# Under --mmu=shadow these lines differ, whatever the VMM does: "ring in CS 3", "POPF clears IF no" and "CLI
# clears IF no". Until task 3.15 is done, SGDT, SIDT and STR say "no", too.
#
# mode: long
# prints: ring in CS 0\nPOPF clears IF yes\nPOPF sets IF yes\nCLI clears IF yes\nSGDT shows my table yes\nSIDT shows my table yes\nSTR shows no task yes\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "yes-no.inc"

	# A line: a name, and whether the last comparison found them equal.
	.macro	equal what:req
	sete	%bl
	answer	"\what"
	.endm

	# Is IF (bit 9 of RFLAGS) as given?
	.macro	compare_if value:req
	pushf
	pop	%rax
	and	$0x200, %eax
	cmp	$\value, %eax
	.endm

	# Are ten bytes, limit and base, the same?
	.macro	compare_table table:req
	mov	stored, %rax
	cmp	\table, %rax
	jne	1f
	mov	stored + 8, %ax
	cmp	\table + 8, %ax
1:
	.endm

main:
	mov	$0xff, %al		# no interrupt from the host's timer may come while IF is set
	out	%al, $0x21
	out	%al, $0xa1
	lgdt	my_gdtr
	lidt	idtr

	mov	%cs, %eax
	and	$3, %eax
	mov	%eax, %ebp
	show	"ring in CS", %ebp, 1

	push	$0x2
	popf
	compare_if 0
	equal	"POPF clears IF"
	push	$0x202
	popf
	compare_if 0x200
	cli
	equal	"POPF sets IF"
	sti
	cli
	compare_if 0
	equal	"CLI clears IF"

	sgdt	stored
	compare_table my_gdtr
	equal	"SGDT shows my table"
	sidt	stored
	compare_table idtr
	equal	"SIDT shows my table"
	str	%eax
	test	%eax, %eax
	equal	"STR shows no task"
	mov	$0, %al
	ret

	.data
	.balign	8
my_gdtr: .word	3 * 8 - 1
	.quad	gdt
	.bss
	.balign	8
stored:	.skip	16
