# Interrupts that are messages: the guest chooses their vectors, and tells the device. A vector's
# first digit is its priority. The second digits here are those of the nonce.
#
# mode: long
# args: --irqchip=kernel
# prints: by priority (70 )70 (60 )60 (50 )50\nonce (60 )60\nmasked waits 4 then (70 )70 waits 0\nnobody\n
# status: 0
# qemu: no, it has no such device

	.include "start64.inc"
	.include "msi.inc"

main:
	call	msi_init
	.irp	n, 0, 1, 2			# message n: 0x5., 0x6., 0x7.
	mov	nonce, %eax
	shr	$4 * \n, %eax
	and	$15, %eax
	add	$0x50 + 16 * \n, %eax
	message	\n, %eax
	.endr

	print	"by priority"			# all three wait while IF is 0
	due	0
	due	2
	due	1
	call	let_in

	print	"once"				# two that come before one is taken are one
	due	1
	due	1
	call	let_in

	print	"masked waits "
	mask_message 2
	due	2
	mov	MSI_DUE, %ebp
	hex	%ebp, 1
	call	open
	print	" then"
	unmask_message 2			# here it comes
	call	shut
	print	" waits "
	mov	MSI_DUE, %ebp
	hex	%ebp, 1
	putc	'\n'

	print	"nobody"
	movl	$APIC + 0x5000, MSI		# to the APIC with the number 5
	due	0
	movl	$0x1000, MSI			# into memory: this is no message
	due	0
	movl	$0xfef00000, MSI		# behind those of all APICs
	due	0
	movl	$APIC, MSI			# above 4 GiB
	movl	$1, MSI + 4
	due	0
	movl	$0, MSI + 4
	movl	$3, MSI + 8			# a vector that no interrupt has
	due	0
	movl	$4, MSI_DUE			# there is no message 4
	movl	$0xffffffff, MSI_DUE
	movb	$1, MSI_DUE			# this is no access to it
	movw	$1, MSI_DUE + 2
	call	let_in
	mov	$0, %al
	ret

let_in:
	call	open
	call	shut
	putc	'\n'
	ret

# With interrupts on, long enough for all that waits: some KVMs look again only after an exit.
open:	sti
	mov	$64, %r9d
1:	settle
	dec	%r9d
	jnz	1b
	ret

shut:	settle
	settle
	cli
	ret

in_handler:
	ret

	.data
	.balign	8
nonce:	.quad	0
