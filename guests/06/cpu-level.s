# What CPU is this? Its name, and what a compiler may use: the features of the x86-64 psABI's levels, and
# one that belongs to none of them.
#
# mode: long
# args: --cpu=x86-64
# prints: vmmlab x86-64\nsse2 1\nsse3 0\nssse3 0\ncmpxchg16b 0\nsse4.1 0\nsse4.2 0\npopcnt 0\nlahf 0\nfma 0\nmovbe 0\nxsave 0\navx 0\nf16c 0\nbmi1 0\navx2 0\nbmi2 0\nlzcnt 0\nstates 0\nbytes 00000000\nfast strings 0\n
# status: 0
# qemu: no, it has a CPU of its own

	.include "start64.inc"

	.macro	ask leaf:req, sub=0
	mov	$\leaf, %eax
	mov	$\sub, %ecx
	cpuid
	.endm

	.macro	part of:req
	ask	\of
	mov	%eax, name + 16 * (\of - 0x80000002)
	mov	%ebx, name + 16 * (\of - 0x80000002) + 4
	mov	%ecx, name + 16 * (\of - 0x80000002) + 8
	mov	%edx, name + 16 * (\of - 0x80000002) + 12
	.endm

main:
	part	0x80000002
	part	0x80000003
	part	0x80000004
	mov	$name, %esi
1:	lodsb
	test	%al, %al
	jz	2f
	out	%al, $0xe9
	jmp	1b
2:	putc	'\n'
	ask	1
	mov	%ecx, %r8d
	mov	%edx, %r9d
	ask	7
	mov	%ebx, %r10d
	ask	0x80000001
	mov	%ecx, %r11d
	bit	"sse2", %r9d, 26
	bit	"sse3", %r8d, 0
	bit	"ssse3", %r8d, 9
	bit	"cmpxchg16b", %r8d, 13
	bit	"sse4.1", %r8d, 19
	bit	"sse4.2", %r8d, 20
	bit	"popcnt", %r8d, 23
	bit	"lahf", %r11d, 0
	bit	"fma", %r8d, 12
	bit	"movbe", %r8d, 22
	bit	"xsave", %r8d, 26
	bit	"avx", %r8d, 28
	bit	"f16c", %r8d, 29
	bit	"bmi1", %r10d, 3
	bit	"avx2", %r10d, 5
	bit	"bmi2", %r10d, 8
	bit	"lzcnt", %r11d, 5
	ask	0xd
	mov	%eax, %r8d
	mov	%ecx, %r9d
	show	"states", %r8d, 1
	show	"bytes", %r9d, 8
	bit	"fast strings", %r10d, 9
	mov	$0, %al
	ret

	.bss
name:	.skip	49
