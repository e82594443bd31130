# A driver that does not keep to the order of things: the device ignores what cannot be, and does
# not fall over. The rows are those of the list of hostile guests in the lab's README.
#
# The nonce is what it writes to registers that are read-only, that it may not write by now, or that
# are not there.
#
# mode: long
# devices: rng
# prints: row 31: 00 00 00 03 03 0b 0b 0b\nrow 32: 03 03\nrow 33: 00000000 0b\n
# prints: row 26: 00000000 00000000\nrow 21: 0 0 0\nrow 23: 0 0\nrow 24: 0 0\n
# prints: row 29: 00000000 0000 00 0f 74726976\nrow 30: 00000000 00000000\n
# prints: row 27: 0000\nrow 22: 1 0001\n
# prints: row 34: 00 0 0f\nrow 35: 8f 0000\nin the end 0f 0001\n
# status: 0
# qemu: no, it lets a driver skip steps

	.include "start64.inc"
	.include "virtio.inc"

	virtqueue q, 8

	.set	NOWHERE, 0x40000000	# no RAM: the guest has less than a GiB

	.macro	row number:req
	print	"row \number:"
	.endm

	.macro	value register:req, digits=2
	putc	' '
	mov	\register(%r15), %ebp
	hex	%ebp, \digits
	.endm

	.macro	used
	putc	' '
	movzwl	q_used + 2, %ebp
	hex	%ebp, 4
	.endm

	.macro	status new:req
	movl	$\new, STATUS(%r15)
	value	STATUS
	.endm

	# A reset, and then the driver accepts these features: bits 0 to 31, and 32 to 63.
	.macro	accept low:req, high:req
	movl	$0, STATUS(%r15)
	movl	$3, STATUS(%r15)
	movl	$0, DRIVER_FEATURES_SEL(%r15)
	movl	$\low, DRIVER_FEATURES(%r15)
	movl	$1, DRIVER_FEATURES_SEL(%r15)
	movl	$\high, DRIVER_FEATURES(%r15)
	.endm

	# Queue 0 as it should be, but for one register: is it made ready?
	.macro	refused register:req, new:req
	negotiate
	set_up_queue 0, q
	movl	$0, QUEUE_READY(%r15)
	movl	$\new, \register(%r15)
	movl	$1, QUEUE_READY(%r15)
	value	QUEUE_READY, 1
	.endm

main:
	find_device 4
	mov	nonce, %r14d

	row	31			# steps that are left out, bits that are cleared, all at once
	movl	$0, STATUS(%r15)
	status	2
	status	0xff
	status	0x40
	accept	0, 1
	status	3
	status	0xf
	status	0xb
	status	3
	status	0x1b
	putc	'\n'

	row	32			# features that are not offered; not VERSION_1
	accept	1, 1
	status	0xb
	accept	0, 0
	status	0xb
	putc	'\n'

	row	33			# features of which there are none; and too late
	negotiate
	movl	$2, DEVICE_FEATURES_SEL(%r15)
	value	DEVICE_FEATURES, 8
	mov	%r14d, DRIVER_FEATURES(%r15)
	movl	$2, DRIVER_FEATURES_SEL(%r15)
	mov	%r14d, DRIVER_FEATURES(%r15)
	value	STATUS
	putc	'\n'

	row	26			# queues that there are not
	movl	$1, QUEUE_SEL(%r15)
	value	QUEUE_NUM_MAX, 8
	mov	%r14d, QUEUE_NUM(%r15)
	mov	%r14d, QUEUE_DESC(%r15)
	movl	$1, QUEUE_READY(%r15)
	movl	$0xffffffff, QUEUE_SEL(%r15)
	mov	%r14d, QUEUE_DEVICE(%r15)
	movl	$1, QUEUE_READY(%r15)
	value	QUEUE_READY, 8
	putc	'\n'

	row	21			# sizes
	refused	QUEUE_NUM, 0
	refused	QUEUE_NUM, 12
	refused	QUEUE_NUM, 0x10008
	putc	'\n'
	row	23			# alignment
	refused	QUEUE_DESC, q_desc + 8
	refused	QUEUE_DEVICE, q_used + 2
	putc	'\n'
	row	24			# not in memory, and the last bytes not in memory
	refused	QUEUE_DRIVER, NOWHERE
	refused	QUEUE_DESC, WINDOWS
	putc	'\n'

	row	29			# other widths, not aligned, read-only
	negotiate
	set_up_queue 0, q
	driver_ok
	mov	%r14w, STATUS(%r15)
	movb	$0, STATUS(%r15)
	movl	$0, STATUS + 1(%r15)
	movq	$0, STATUS - 4(%r15)
	mov	%r14d, MAGIC(%r15)
	value	MAGIC + 2, 8
	putc	' '
	movzwl	STATUS(%r15), %ebp
	hex	%ebp, 4
	putc	' '
	movzbl	STATUS(%r15), %ebp
	hex	%ebp, 2
	value	STATUS
	value	MAGIC, 8
	putc	'\n'

	row	30			# an entropy device has no configuration
	value	CONFIG, 8
	mov	%r14d, CONFIG(%r15)
	mov	%r14, CONFIG + 0xf8(%r15)
	mov	CONFIG + 0xf8(%r15), %rbp
	putc	' '
	hex	%ebp, 8
	putc	'\n'

	row	27			# notifications that are too early, or of no queue
	negotiate
	set_up_queue 0, q
	describe q, 0, buffer, 16, WRITE
	offer	q, 0
	notify	0
	movl	$0, QUEUE_READY(%r15)
	driver_ok
	notify	0
	notify	1
	mov	%r14d, %eax
	or	$0x10000, %eax
	mov	%eax, QUEUE_NOTIFY(%r15)
	used
	putc	'\n'

	row	22			# changes of a queue that is in use
	negotiate
	set_up_queue 0, q
	driver_ok
	mov	%r14d, QUEUE_NUM(%r15)
	mov	%r14d, QUEUE_DESC(%r15)
	mov	%r14d, QUEUE_DRIVER(%r15)
	mov	%r14d, QUEUE_DEVICE + 4(%r15)
	value	QUEUE_READY, 1
	describe q, 0, buffer, 16, WRITE
	offer	q, 0
	notify	0
	await	q
	used
	putc	'\n'

	row	34			# resets, with a chain that was offered and not notified
	offer	q, 0
	mov	$1000, %ecx
1:	movl	$0, STATUS(%r15)
	dec	%ecx
	jnz	1b
	notify	0
	value	STATUS
	value	QUEUE_READY, 1
	negotiate
	set_up_queue 0, q
	driver_ok
	value	STATUS
	putc	'\n'

	row	35			# the driver gives up, and goes on all the same
	status	0x8f
	describe q, 0, buffer, 16, WRITE
	offer	q, 0
	notify	0
	used
	putc	'\n'

	negotiate			# after all that, a driver as it should be
	set_up_queue 0, q
	driver_ok
	describe q, 0, buffer, 16, WRITE
	offer	q, 0
	notify	0
	await	q
	print	"in the end"
	value	STATUS
	used
	putc	'\n'
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
	.bss
buffer:	.skip	16
