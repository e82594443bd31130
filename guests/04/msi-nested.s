# A message interrupts the handler of another if its vector's first digit is greater; else it waits
# for the other's end of interrupt, which goes to the local APIC. The second digits are the nonce's.
#
# Not each KVM's local APIC notes what is in service. This guest says so, and leaves it at that.
#
# mode: long
# args: --irqchip=kernel
# prints: nested (50 (60 )60 )50 (5f )5f\n
# status: 0
# qemu: no, it has no such device

	.include "start64.inc"
	.include "msi.inc"

main:
	call	msi_init
	mov	nonce, %eax
	and	$15, %eax
	add	$0x50, %eax
	mov	%eax, first
	message	0, %eax
	xor	$15, %eax			# not the same, but as urgent
	message	1, %eax
	mov	nonce, %eax
	shr	$4, %eax
	and	$15, %eax
	add	$0x60, %eax
	message	2, %eax
	print	"nested"
	sti
	due	0
	settle
	settle
	settle
	cli
	putc	'\n'
	mov	$0, %al
	ret

in_handler:
	cmp	first, %edi
	jne	2f
	mov	$APIC, %ebx			# ISR: 8 registers of 32 vectors each, 16 bytes apart
	mov	0x120(%rbx), %eax		# 0x40 to 0x5f
	bt	%edi, %eax
	jc	1f
	print	" nothing is in service"
	ret
1:	sti
	due	1				# has to wait
	due	2				# comes now
	settle
2:	ret

	.bss
first:	.long	0

	.data
	.balign	8
nonce:	.quad	0
