# Three kinds of addresses: RAM remembers, read-only memory can be read but not changed, and where
# nothing is, nothing stays.
#
# mode: long
# prints: ram remembers 5a5a5a5a\nrom unchanged\nhole forgets\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "tables.inc"

	.set	ROM, 0xfffe0000		# the firmware of a PC lies just below 4 GiB
	.set	HOLE, 0x30000000	# 768 MiB: above this machine's memory

main:
	movl	$0x5a5a5a5a, ram
	mov	ram, %ebp
	show	"ram remembers", %ebp, 8

	call	make_window		# the ROM is not in the first GiB: map it
	mov	$ROM + 3, %eax
	mov	%rax, pt
	mov	WINDOW, %ebp
	mov	%ebp, %eax
	not	%eax
	mov	%eax, WINDOW
	cmp	%ebp, WINDOW
	jne	changed
	print	"rom unchanged\n"
changed:
	movl	$0x5a5a5a5a, HOLE
	cmpl	$0x5a5a5a5a, HOLE
	je	remembered
	print	"hole forgets\n"
remembered:
	mov	$0, %al
	ret

	.bss
	.balign	8
ram:	.long	0
