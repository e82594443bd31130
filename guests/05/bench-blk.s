# A disk with up to 32 requests under way, of 4 KiB or 1 MiB, all reads or all writes. Request n is about
# the nth piece of the disk and the nth piece of memory from 16 MiB on, each time.
# For `./lab bench LAB=05`; how many, and which options: see guests/lib/busy.inc.
#
# mode: long
# devices: blk
# prints: requests 00000010\nstatus 00\ndata c1c1c1c0\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "busy.inc"

	.set	BLK, 2			# device id
	.set	BLK_F_FLUSH, 1 << 9
	.set	DEPTH, 32
	.set	DATA, 0x1000000

	virtqueue q, 128		# three descriptors for each

	.bss
	.balign	16
header:	.skip	16 * DEPTH		# type, a word that is not used, sector
status:	.skip	3 * DEPTH		# each at the place of its request's head
	.text

main:
	begin_busy
	find_device BLK
	negotiate_busy BLK_F_FLUSH
	set_up_queue 0, q
	driver_ok
	call	describe_all
	call	to_user

	xor	%r10d, %r10d
	xor	%ecx, %ecx
fill:	give	q, 0
	add	$3, %ecx
	dec	%r13d
	jz	caught_up
	cmp	$3 * DEPTH, %ecx
	jne	fill
caught_up:
	tell	q, 0
wait:	doze	q, bp
next:	cmp	%bp, q_used + 2
	je	caught_up
	mov	%ebp, %eax
	and	$q_size - 1, %eax
	mov	q_used + 4(, %rax, 8), %ecx	# the head of what has come back
	inc	%ebp
	or	status(%rcx), %r10b
	movb	$0xee, status(%rcx)
	test	%r13d, %r13d
	jz	last
	dec	%r13d
	give	q, 0
	jmp	next
last:	cmp	%ebp, %r14d
	jne	next

	from_user
	show	"requests", %ebp, 8
	show	"status", %r10d, 2	# 00 is OK; errors add up
	call	sum
	show	"data", %ebx, 8
	tally
	mov	$0, %al
	ret

# Descriptors, headers and data of all requests: %ebx is the length, %edi the place on the disk.
describe_all:
	mov	$4096, %ebx
	test	$LARGE, %r12b
	jz	1f
	shl	$8, %ebx
1:	mov	CONFIG(%r15), %r11d	# the disk's capacity, in sectors
	shl	$9, %r11
	xor	%ecx, %ecx		# which request
	xor	%edi, %edi
	mov	$DATA, %r10d
2:	mov	%ecx, %r8d
	shl	$4, %r8d
	lea	(%r8, %r8, 2), %r9d	# three descriptors
	movl	$0, header(%r8)		# IN
	mov	%edi, %eax
	shr	$9, %eax
	mov	%rax, header + 8(%r8)
	lea	header(%r8), %eax
	mov	%rax, q_desc(%r9)
	movl	$16, q_desc + 8(%r9)
	lea	(%rcx, %rcx, 2), %eax	# the head
	lea	status(%rax), %edx
	movb	$0xee, (%rdx)
	mov	%rdx, q_desc + 32(%r9)
	movl	$1, q_desc + 40(%r9)
	movl	$WRITE, q_desc + 44(%r9)
	inc	%eax
	shl	$16, %eax
	or	$NEXT, %eax
	mov	%eax, q_desc + 12(%r9)
	add	$0x10000, %eax
	mov	%r10, q_desc + 16(%r9)
	mov	%ebx, q_desc + 24(%r9)
	or	$WRITE, %eax
	mov	%eax, q_desc + 28(%r9)
	test	$WRITES, %r12b
	jz	3f
	movl	$1, header(%r8)		# OUT
	andb	$~WRITE, q_desc + 28(%r9)
	mov	%edi, %eax		# what is written begins with its place, from 1 on, in 4 KiB
	shr	$12, %eax
	inc	%eax
	mov	%eax, (%r10)
3:	add	%ebx, %r10d
	add	%ebx, %edi
	lea	(%rdi, %rbx), %rax
	cmp	%r11, %rax		# from the beginning, if it is too small
	jbe	4f
	xor	%edi, %edi
4:	inc	%ecx
	cmp	$DEPTH, %ecx
	jne	2b
	ret

# The first four bytes of each request's data, added up, in %ebx.
sum:	mov	$4096, %ecx
	test	$LARGE, %r12b
	jz	1f
	shl	$8, %ecx
1:	xor	%ebx, %ebx
	mov	$DATA, %esi
	mov	$DEPTH, %edx
2:	add	(%rsi), %ebx
	add	%ecx, %esi
	dec	%edx
	jnz	2b
	ret
