# A page of 4 KiB and one of 2 MiB shall change places. In the nested tables of AMD's CPU that would be more than
# the guest can be allowed: its small page, at the place of an entry for 2 MiB, would be a table of those, and the
# guest has written entries into it that name the hypervisor's own memory.
#
# mode: long
# prints: swap ffffffff\nlarge 00000000\n
# status: 0
# qemu: no, it looks at the hypervisor

	.include "start64.inc"
	.include "hv.inc"

	.set	SMALL, 0x190000
	.set	LARGE, 0x400000
	.set	HV_BASE, 0x1000000	# of the machine's memory: labs/08-type1/machine_map.h
	.set	ENTRY, HV_BASE + 7	# present, writable, and for a user

main:
	call_begin
	mov	nonce, %ebx
	mov	%ebx, LARGE
	mov	$SMALL, %edi
	mov	$ENTRY, %eax
	mov	$512, %ecx
1:	stosq
	add	$0x1000, %eax
	loop	1b
	mov	$SMALL, %edi
	mov	$LARGE, %esi
	hypercall SWAP
	mov	%eax, %ebp
	show	swap, %ebp, 8
	mov	LARGE, %ebp
	show	large, %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
