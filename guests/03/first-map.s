# Memory at two addresses at once: what the host's page tables show at the direct map is what lies
# at the low address, too.
#
# mode: long
# prints: seen above 00000000\nseen below 00000000\n
# status: 16
# qemu: no, it uses tables that only this VMM makes

	.include "start64.inc"

	.set	DIRECT_MAP, 0xffffff0000000000

main:
	mov	$DIRECT_MAP, %rbx
	mov	nonce(%rbx), %ebp	# read above
	show	"seen above", %ebp, 8
	mov	nonce + 4, %eax
	mov	%eax, here(%rbx)	# write above
	mov	here, %ebp		# read below
	show	"seen below", %ebp, 8
	mov	nonce, %al
	and	$63, %al
	add	$16, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
here:	.long	0
