# What a kernel asks the CPU: is there a hypervisor, and which? Has it a local APIC, and with which
# number? What else does KVM offer it? (Documentation/virt/kvm/x86/cpuid.rst)
#
# mode: long
# prints: hypervisor 1\nKVMKVMKVM\napic number 00\nlocal apic 0\nx2apic 0\ndeadline 0\nclock 1\nby its apic 0\n
# status: 0
# qemu: no, it says that it is TCG

	.include "start64.inc"

	.macro	ask leaf:req
	mov	$\leaf, %eax
	xor	%ecx, %ecx
	cpuid
	.endm

main:
	ask	1
	mov	%ebx, %r8d
	mov	%ecx, %r9d
	mov	%edx, %r10d
	bit	"hypervisor", %r9d, 31
	bt	$31, %r9d
	jnc	1f
	ask	0x40000000
	mov	%ebx, name
	mov	%ecx, name + 4
	mov	%edx, name + 8
	mov	$name, %esi
2:	lodsb
	test	%al, %al
	jz	3f
	out	%al, $0xe9
	jmp	2b
3:	putc	'\n'
1:	shr	$24, %r8d
	show	"apic number", %r8d, 2
	bit	"local apic", %r10d, 9
	bit	"x2apic", %r9d, 21
	bit	"deadline", %r9d, 24
	ask	0x40000001
	mov	%eax, %r8d
	bit	"clock", %r8d, 3
	# Asynchronous page faults, end of interrupt, wake-ups, flushes and interrupts by a call: 4, 6, 7, 9
	# to 11, 13 to 15. All of them come by a local APIC, or go through it.
	and	$0xeed0, %r8d
	setnz	%al
	movzbl	%al, %r8d
	show	"by its apic", %r8d, 1
	mov	$0, %al
	ret

	.bss
name:	.skip	16
