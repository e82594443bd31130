# Four address spaces that share some of their tables, changed and used at random from the nonce on: 16
# lines, each the sum of 128 steps. A step goes to another space; or changes an entry of a page table
# (that of this space, with INVLPG after it; or any other, which the next CR3 load is to make known); or
# of a page directory; or reads, writes or adds in one of the 16 pages of the window. What a step has to
# show is what it read, or the error code and the address of its fault.
#
# mode: long
# prints: 95c4ab0a\n05dd8ea0\n84b50498\n9d603972\ne34c994c\na83cf1b1\na1f1e11f\ndd83621b\nbaabe65c\na4d46319\n5459e637\nf40b99f3\n04e03a67\nc414ed9d\ndc43323d\n839e01aa\n
# status: 0
# qemu: yes

	.include "start64.inc"
	.include "idt.inc"
	.include "random.inc"

	.set	STEPS, 16 * 128
	.set	WINDOW, 0x8000000000	# PML4[1], PDPT[0], PD[0] and PD[1]: 8 pages in each
	.set	TABLES, 0x8000400000	# PD[2], of all spaces: the six page tables, to be written

# Registers: %r15 the random number, %r14 the sum, %r13 steps to go, %r12 the space (0 to 3).

main:
	gate	14, on_page_fault
	lidt	idtr
	mov	%cr0, %rax
	or	$0x10000, %rax			# CR0.WP
	mov	%rax, %cr0
	call	make_spaces
	xor	%r12d, %r12d
	call	load
	random_begin
	mov	$STEPS, %r13d
step:
	random_next
	mov	%r15, %rdi			# a page of the window: one of 16
	shr	$8, %rdi
	and	$15, %edi
	mov	%edi, %esi			# 0 to 7: below PD[0], 8 to 15: below PD[1]
	shl	$12, %rdi
	mov	%rdi, %rax
	and	$0x7000, %edi
	and	$0x8000, %eax
	shl	$6, %eax			# 2 MiB
	add	%rax, %rdi
	mov	$WINDOW, %rax
	add	%rax, %rdi
	xor	%eax, %eax
	movq	$done, resume
	mov	%r15d, %ecx
	shr	$16, %ecx
	and	$15, %ecx
	jmp	*what(, %rcx, 8)

# To another space (or the same).
go:
	mov	%r15d, %r12d
	shr	$20, %r12d
	and	$3, %r12d
	call	load
	jmp	done

# An entry of one of the six page tables gets a frame (which may be a page table, too), and P and RW
# at random. It may be in use here: hence CR3.
set_any:
	call	draw_entry
	mov	%r15, %rcx
	shr	$40, %rcx
	and	$7, %ecx
	cmp	$6, %ecx
	jb	1f
	and	$3, %ecx
1:	shl	$12, %ecx
	and	$7, %esi
	mov	%rdx, tables(%rcx, %rsi, 8)
	call	load
	jmp	done

# The same through the window onto the tables, and INVLPG: only where that table is this space's own.
set_here:
	call	draw_entry
	mov	%r12d, %ecx
	shl	$12, %ecx
	and	$7, %esi
	lea	(%rcx, %rsi, 8), %rcx
	mov	$TABLES, %rbx
	mov	%rdx, (%rbx, %rcx)
	and	$0x7000, %edi
	mov	$WINDOW, %rax
	add	%rax, %rdi
	invlpg	(%rdi)
	xor	%eax, %eax
	jmp	done

# A table of another space, without a flush: the CR3 load on the way there is one.
set_elsewhere:
	call	draw_entry
	lea	1(%r12), %ecx
	and	$3, %ecx
	shl	$12, %ecx
	and	$7, %esi
	mov	%rdx, tables(%rcx, %rsi, 8)
	jmp	done

# PD[1] of a space leads to one of the two tables that are shared, or nowhere.
set_directory:
	mov	%r15d, %ecx
	shr	$24, %ecx
	and	$3, %ecx
	shl	$12, %ecx
	mov	%r15, %rdx
	shr	$36, %rdx
	and	$1, %edx
	shl	$12, %edx
	lea	tables + 4 * 4096 + 1(%rdx), %edx
	mov	%r15, %rbx
	shr	$44, %rbx
	and	$3, %ebx
	or	%rbx, %rdx
	mov	%rdx, directories + 8(%rcx)
	call	load
	jmp	done

read:
	mov	(%rdi), %rax
	and	$~0x60, %rax			# were it a page table: when A and D get set is free
	jmp	done
write:
	mov	%r15, (%rdi)
	jmp	done
add:					# in two instructions: is an XADD that finds no page a write?
	mov	(%rdi), %rax
	and	$~0x60, %rax
	lea	(%rax, %r15), %rcx
	mov	%rcx, (%rdi)

done:
	rol	$5, %r14
	xor	%rax, %r14
	dec	%r13d
	test	$127, %r13d
	jnz	step
	call	show_sum
	test	%r13d, %r13d
	jnz	step
	mov	$0, %al
	ret

# %rdx: an entry for one of eight frames; those that are page tables can only be read.
draw_entry:
	mov	%r15, %rdx
	shr	$24, %rdx
	and	$7, %edx
	shl	$12, %edx
	add	$frames, %edx
	mov	%r15, %rax
	shr	$32, %rax
	and	$3, %eax
	or	%rax, %rdx
	xor	%eax, %eax
	cmp	$tables, %edx
	jb	1f
	and	$~2, %rdx
1:	ret

# The space %r12.
load:
	mov	%r12d, %eax
	shl	$12, %eax
	add	$roots, %eax
	mov	%rax, %cr3
	xor	%eax, %eax
	ret

# Four roots; the first GiB of each is as it was. PD[0]: the space's own page table, PD[1]: a shared
# one, PD[2]: all six page tables, by a table of its own.
make_spaces:
	mov	%cr3, %rbx
	mov	(%rbx), %rbx
	xor	%ecx, %ecx			# space * 4096
1:	mov	%rbx, roots(%rcx)
	lea	pdpts + 3(%rcx), %eax
	mov	%rax, roots + 8(%rcx)
	lea	directories + 3(%rcx), %eax
	mov	%rax, pdpts(%rcx)
	lea	tables + 3(%rcx), %eax
	mov	%rax, directories(%rcx)
	movq	$tables + 4 * 4096 + 3, directories + 8(%rcx)
	movq	$window_on_tables + 3, directories + 16(%rcx)
	add	$4096, %ecx
	cmp	$4 * 4096, %ecx
	jb	1b
	xor	%ecx, %ecx
	mov	$tables + 3, %eax
2:	mov	%rax, window_on_tables(, %rcx, 8)
	add	$4096, %eax
	inc	%ecx
	cmp	$6, %ecx
	jb	2b
	ret

	.data
what:	.quad	go, go, go, set_any, set_here, set_here, set_elsewhere, set_directory
	.quad	read, read, read, read, write, write, add, add
	.bss
	.balign	4096
roots:		.skip 4 * 4096
pdpts:		.skip 4 * 4096
directories:	.skip 4 * 4096
window_on_tables: .skip 4096
frames:		.skip 6 * 4096		# the last two frames of the eight are page tables, 0 and 1
tables:		.skip 6 * 4096
