# The text screen at 0xb8000: 80 by 25 cells of a character and its colours. Clear it, draw a frame
# with the PC's own characters, put a number in the middle, and read some of it back.
#
# It stores by 1, 2, 4 and 8 bytes, also across cells.
#
# mode: long
# args: --vga=mmio
# prints: read back 0f48 1fcd bb1f 1fbb1fcd\n
# status: 0
# qemu: q35

	.include "start64.inc"

	.set	SCREEN, 0xb8000
	.set	ROW, 160		# bytes

# The address of a cell.
	.macro	at row:req, col:req
	mov	$SCREEN + ROW * \row + 2 * \col, %edi
	.endm

main:
	cld
	at	0, 0			# clear: blanks, light grey on black
	mov	$0x0720072007200720, %rax
	mov	$25 * ROW / 8, %ecx
	rep stosq

	at	8, 20			# a frame in white on blue: its upper edge
	mov	$0x1fc9, %eax
	stosw
	mov	$0x1fcd1fcd, %eax
	mov	$19, %ecx
	rep stosl
	mov	$0x1fbb, %eax
	stosw
	mov	$9, %ebx		# the sides
	at	9, 20
side:
	movw	$0x1fba, (%rdi)
	mov	$0x1f20, %eax
	mov	$38, %ecx
	lea	2(%rdi), %rdi
	rep stosw
	movb	$0xba, (%rdi)		# a character, then its colours
	movb	$0x1f, 1(%rdi)
	add	$ROW - 2 * 39, %rdi
	inc	%ebx
	cmp	$12, %ebx
	jne	side
	at	12, 20			# and its lower edge
	movw	$0x1fc8, (%rdi)
	mov	$0xcd, %al
	mov	$38, %ecx
	lea	2(%rdi), %rdi
edge:
	mov	%al, (%rdi)
	movb	$0x1f, 1(%rdi)
	add	$2, %rdi
	dec	%ecx
	jnz	edge
	movw	$0x1fbc, (%rdi)

	at	10, 32			# a number: 16 digits
	mov	nonce, %rdx
	mov	$16, %ecx
digit:
	rol	$4, %rdx
	mov	%edx, %eax
	and	$15, %eax
	mov	digits(%rax), %al
	mov	$0x1e, %ah		# yellow
	stosw
	dec	%ecx
	jnz	digit

	at	0, 0			# "Hi" in two colours, by one store across two cells
	movl	$0x0e690f48, (%rdi)
	at	24, 76			# the last cells, by one store of eight bytes
	mov	$0x4f2e4f2e4f2e4f2e, %rax
	mov	%rax, (%rdi)
	at	1, 0			# colours only, across four cells
	movb	$0x30, 1(%rdi)
	movw	$0x31b0, 2(%rdi)
	movl	$0x33b232b1, 4(%rdi)

	print	"read back "
	movzwl	SCREEN, %ebp
	hex	%ebp, 4
	putc	' '
	movzwl	SCREEN + 8 * ROW + 2 * 58, %ebp
	hex	%ebp, 4
	putc	' '
	movzwl	SCREEN + 8 * ROW + 2 * 58 + 1, %ebp
	hex	%ebp, 4
	putc	' '
	mov	SCREEN + 8 * ROW + 2 * 58, %ebp
	hex	%ebp, 8
	putc	'\n'
	mov	$0, %al
	ret

	.section .rodata
digits:	.ascii	"0123456789abcdef"

	.data
	.balign	8
nonce:	.quad	0
