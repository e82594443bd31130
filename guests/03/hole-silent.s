# Hole 3, looks at privileged state that do not trap: LAR, LSL, VERR and VERW ask the descriptor table that
# the CPU has. My table has a code segment for the kernel, 0x08, data, 0x10, and nothing else. Under
# --mmu=shadow these lines are the VMM's: its table, and CPL 3.
#
# mode: long
# prints: LAR sees the kernel's code yes\nLSL sees its limit yes\nVERR would read its data yes\nVERW would write it yes\nLAR sees code for CPL 3 no\n
# status: 0
# qemu: no, a software-backed KVM interprets CPL 0 and does not know LAR

	.include "start64.inc"
	.include "yes-no.inc"

	# A line: a name, and ZF, which is the answer of these instructions.
	.macro	by_zf what:req
	sete	%bl
	answer	"\what"
	.endm

main:
	lgdt	my_gdtr
	mov	$0x08, %eax
	lar	%eax, %ecx
	by_zf	"LAR sees the kernel's code"
	mov	$0x08, %eax
	lsl	%eax, %ecx
	by_zf	"LSL sees its limit"
	mov	$0x10, %eax
	verr	%ax
	by_zf	"VERR would read its data"
	mov	$0x10, %eax
	verw	%ax
	by_zf	"VERW would write it"
	mov	$0x23, %eax
	lar	%eax, %ecx
	by_zf	"LAR sees code for CPL 3"
	mov	$0, %al
	ret

	.data
	.balign	8
my_gdtr: .word	3 * 8 - 1
	.quad	gdt
