# Changes its own page tables and uses them, at random from the nonce on: 16 lines, each the sum of 512
# steps. A step sets one of six entries (directly, or through a second mapping of the table) and says
# INVLPG; or reads or writes one of the six pages; or loads CR3. What a step has to show is what it
# read, or the error code and the address of its fault. Whoever translates, the lines must be the same.
#
# mode: long
# prints: ff12c461\n37f1c8d9\nbc5f6f95\nb10d9ad0\n66276f80\nfd332035\na05e0a13\n39875b57\n9d598a10\n4e8e2ea2\n27cef002\n41da6e1c\n711df181\n99f72347\n17468351\n91ab0de8\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "random.inc"
	.include "tables.inc"

	.set	STEPS, 16 * 512
	.set	ALIAS, WINDOW + 7 * 4096	# the table itself, as the window's page 7

main:
	call	make_window
	gate	14, on_page_fault
	lidt	idtr
	mov	%cr0, %rax
	or	$0x10000, %rax			# CR0.WP
	mov	%rax, %cr0
	movq	$pt + 3, pt + 8 * 7
	random_begin
	mov	$STEPS, %r13d
step:
	random_next
	mov	%r15, %rbx			# which page: 0 to 5
	shr	$8, %rbx
	and	$7, %ebx
	cmp	$6, %ebx
	jb	page
	and	$3, %ebx
page:
	mov	%rbx, %rdi
	shl	$12, %rdi
	add	$WINDOW, %rdi
	mov	%r15, %rdx			# an entry: one of four frames, with or without P and RW
	shr	$24, %rdx
	and	$3, %edx
	shl	$12, %edx
	add	$frames, %edx
	mov	%r15, %rax
	shr	$32, %rax
	and	$3, %eax
	or	%rax, %rdx
	mov	%r15, %rcx			# and what to do
	shr	$16, %rcx
	and	$7, %ecx
	xor	%eax, %eax
	movq	$done, resume
	cmp	$1, %ecx
	jb	reload
	je	by_alias
	cmp	$4, %ecx
	jb	set
	cmp	$6, %ecx
	jb	read
	mov	%r15, (%rdi)
	jmp	done
read:
	mov	(%rdi), %rax
	jmp	done
set:
	mov	%rdx, pt(, %rbx, 8)
	invlpg	(%rdi)
	jmp	done
by_alias:
	mov	$ALIAS, %ecx
	mov	%rdx, (%rcx, %rbx, 8)
	invlpg	(%rdi)
	jmp	done
reload:
	mov	%cr3, %rcx
	mov	%rcx, %cr3
done:
	rol	$5, %r14
	xor	%rax, %r14
	dec	%r13d
	test	$511, %r13d
	jnz	step
	call	show_sum
	test	%r13d, %r13d
	jnz	step
	mov	$0, %al
	ret

	.bss
	.balign	4096
frames:	.skip	4 * 4096
