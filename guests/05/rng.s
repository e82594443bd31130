# The smallest device: ask for random bytes, twice, and wait by looking at the used ring. As many as
# the low four bits of the nonce say, and 16 more.
#
# mode: long
# devices: rng
# prints: status 0f\nbytes 10\ninterrupt 1\nacknowledged 0\nbytes again 10\nthe same 0\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 8

main:
	find_device 4
	negotiate
	set_up_queue 0, q
	driver_ok
	mov	STATUS(%r15), %ebp
	show	"status", %ebp, 2

	describe q, 0, first, 16, WRITE
	describe q, 1, second, 16, WRITE
	mov	nonce, %eax
	and	$15, %eax
	add	%eax, q_desc + 8		# the lengths
	add	%eax, q_desc + 24
	offer	q, 0
	notify	0
	await	q
	show	"bytes", q_used + 8, 2		# of used element 0
	mov	INTERRUPT_STATUS(%r15), %ebp
	show	"interrupt", %ebp, 1
	acknowledge
	mov	INTERRUPT_STATUS(%r15), %ebp
	show	"acknowledged", %ebp, 1

	offer	q, 1
	notify	0
	await	q
	show	"bytes again", q_used + 16, 2
	xor	%ebp, %ebp
	mov	first, %rax
	cmp	second, %rax
	sete	%bpl
	show	"the same", %ebp, 1
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
first:	.skip	32
second:	.skip	32
