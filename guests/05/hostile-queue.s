# A driver that breaks the rules of the queue, in the way that the low half of the nonce says. The
# device has to stop, to say so by NEEDS_RESET, and to work again after a reset. The VM lives on.
#
# mode: long
# devices: rng
# prints: the index jumps: status 4f told 1 used 0000\n
# prints: after a reset: status 0f told 0 used 0001 bytes 10\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "virtio.inc"

	.set	q_size, 8
	.bss
	.balign	16
q_desc:	.skip	16 * q_size
behind:	.skip	16 * q_size		# what looks like more descriptors
q_avail:
	.skip	6 + 2 * q_size
	.balign	4
q_used:	.skip	6 + 8 * q_size
q_end:
	.text

	.set	NOWHERE, 0x40000000	# no RAM: the guest has less than a GiB
	.set	RAM_END, 0x8000000	# there are 128 MiB of it
	.set	ROM, 0xfffe0000		# memory that the guest may only read
	.set	CASES, 22

	# Case number n begins here.
	.macro	case name:req
	.pushsection .data, 1		# a part of its own
	.quad	.Lcase\@
	.popsection
.Lcase\@:
	print	"\name"
	.endm

	.macro	report
	print	": status "
	mov	STATUS(%r15), %ebp
	hex	%ebp, 2
	print	" told "
	mov	INTERRUPT_STATUS(%r15), %ebp
	shr	$1, %ebp		# of a change of the configuration
	and	$1, %ebp
	hex	%ebp, 1
	print	" used "
	movzwl	q_used + 2, %ebp
	hex	%ebp, 4
	.endm

	.pushsection .data, 1
	.balign	8
cases:
	.popsection

	.text
main:
	find_device 4
	mov	nonce, %eax
	cmp	$CASES, %eax
	jae	unknown
	mov	features(, %rax, 4), %ebx
	call	virtio_negotiate
	set_up_queue 0, q
	driver_ok
	# All is as it should be, and only what a case does is wrong: each descriptor is a buffer, also
	# behind the queue, and each entry of the avail ring a head.
	.set	number, 0
	.rept	q_size
	describe q, number, buffer, 16, WRITE
	describe_at behind, number, buffer, 16, WRITE
	movw	$number, q_avail + 4 + 2 * number
	.set	number, number + 1
	.endr
	mov	nonce, %eax
	jmp	*cases(, %rax, 8)

	# Row numbers are those of the list of hostile guests in the lab's README.
	case	"the index jumps"			# 0: row 1
	movw	$9, q_avail + 2
	jmp	go
	case	"the index goes back"			# 1: row 2
	movw	$0xffff, q_avail + 2
	jmp	go
	case	"no such head"				# 2: row 3
	offer	q, 8
	jmp	go
	case	"no such next"				# 3: row 4
	describe q, 0, buffer, 16, WRITE | NEXT, 8
	jmp	go_0
	case	"a loop"				# 4: row 5
	describe q, 0, buffer, 16, WRITE | NEXT, 1
	describe q, 1, buffer, 16, WRITE | NEXT, 0
	jmp	go_0
	case	"a loop in a table"			# 5: row 6
	describe q, 0, table, 32, INDIRECT
	describe_at table, 0, buffer, 1, WRITE | NEXT, 1
	describe_at table, 1, buffer, 1, WRITE | NEXT, 0
	jmp	go_0
	case	"over the end of all addresses"		# 6: row 8
	describe q, 0, -16, 0x200000, WRITE
	jmp	go_0
	case	"not in memory"				# 7: rows 9, 10
	describe q, 0, NOWHERE, 16, WRITE
	jmp	go_0
	case	"in the device itself"			# 8: row 47
	describe q, 0, 0, 512, WRITE
	mov	%r15, q_desc
	jmp	go_0
	case	"4 GiB"					# 9: rows 7, 9
	describe q, 0, buffer, 0xffffffff, WRITE
	jmp	go_0
	case	"length 0"				# 10: row 12
	describe q, 0, buffer, 16, WRITE | NEXT, 1
	describe q, 1, buffer, 0, WRITE
	jmp	go_0
	case	"readable behind writable"		# 11: row 13
	describe q, 0, buffer, 16, WRITE | NEXT, 1
	describe q, 1, buffer, 16
	jmp	go_0
	case	"indirect, not negotiated"		# 12: row 15
	describe q, 0, table, 16, INDIRECT
	describe_at table, 0, buffer, 16, WRITE
	jmp	go_0
	case	"a table in a table"			# 13: row 16
	describe q, 0, table, 16, INDIRECT
	describe_at table, 0, table + 16, 16, INDIRECT
	describe_at table, 1, buffer, 16, WRITE
	jmp	go_0
	case	"a table with a next"			# 14: row 17
	describe q, 0, table, 16, INDIRECT | NEXT, 1
	describe_at table, 0, buffer, 16, WRITE
	describe q, 1, buffer, 16, WRITE
	jmp	go_0
	case	"an empty table"			# 15: row 18
	describe q, 0, table, 0, INDIRECT
	jmp	go_0
	case	"half a descriptor"			# 16: row 18
	describe q, 0, table, 24, INDIRECT
	describe_at table, 0, buffer, 16, WRITE
	jmp	go_0
	case	"a table not in memory"			# 17: row 18
	describe q, 0, RAM_END-16, 32, INDIRECT
	describe_at RAM_END-16, 0, buffer, 16, WRITE	# all that is needed of it would be there
	jmp	go_0
	case	"nothing to write to"			# 18: 5.4.6.1
	describe q, 0, buffer, 16
	jmp	go_0
	case	"rings on top of each other"		# 19: row 25: anything may come of it
	negotiate
	set_up_queue 0, q
	movl	$0, QUEUE_READY(%r15)
	movl	$q_desc, QUEUE_DRIVER(%r15)
	movl	$q_desc, QUEUE_DEVICE(%r15)
	movl	$1, QUEUE_READY(%r15)
	driver_ok
	movl	$0x10000, q_desc
	notify	0
	putc	'\n'
	jmp	again
	case	"in read-only memory"			# 20: row 10
	mov	$ROM, %eax
	mov	%rax, q_desc
	jmp	go_0
	case	"longer than the queue"			# 21: row 6; that it ends is no excuse
	describe q, 0, table, 9*16, INDIRECT
	.set	number, 0
	.rept	9
	describe_at table, number, buffer, 1, WRITE | NEXT, number+1
	.set	number, number + 1
	.endr
	describe_at table, 8, buffer, 1, WRITE
	jmp	go_0

go_0:	offer	q, 0
go:	notify	0
	call	virtio_clock
	mov	%rax, %rdi
1:	mov	STATUS(%r15), %eax	# some devices take their time
	test	$0x40, %al
	jnz	2f
	pause
	call	virtio_clock
	sub	%rdi, %rax
	shr	$32, %rax		# not for ever
	jz	1b
2:	report
	putc	'\n'

again:
	negotiate
	set_up_queue 0, q
	driver_ok
	describe q, 0, buffer, 16, WRITE
	offer	q, 0
	notify	0
	await	q
	print	"after a reset"
	report
	show	" bytes", q_used + 8, 2
	mov	$0, %al
	ret
unknown:
	print	"no such case\n"
	mov	$17, %al
	ret

	.section .rodata
	.balign	4
features:				# of each case
	.long	0, 0, 0, 0, 0, INDIRECT_DESC, 0, 0, 0, 0
	.long	0, 0, 0, INDIRECT_DESC, INDIRECT_DESC, INDIRECT_DESC, INDIRECT_DESC, INDIRECT_DESC, 0, 0
	.long	0, INDIRECT_DESC

	.data
	.balign	8
nonce:	.quad	0
	.bss
	.balign	16
table:	.skip	9 * 16
buffer:	.skip	32
