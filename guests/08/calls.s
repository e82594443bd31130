# Hypercalls: who am I, how many exits of a kind have I made? So many CPUIDs as the nonce says, 1 to 16,
# and the hypervisor has counted them.
#
# mode: long
# prints: who 0\ncpuids 01\nno such call ffffffff\n
# status: 0
# qemu: no, there is no hypervisor

	.include "start64.inc"
	.include "hv.inc"

main:
	call_begin
	hypercall WHO
	mov	%eax, %ebp
	show	who, %ebp, 1
	mov	$EXIT_CPUID, %edi
	hypercall EXITS
	mov	%eax, %r12d
	mov	nonce, %r13d
	and	$15, %r13d
	inc	%r13d
1:	cpuid
	dec	%r13d
	jnz	1b
	mov	$EXIT_CPUID, %edi
	hypercall EXITS
	sub	%r12d, %eax
	mov	%eax, %ebp
	show	cpuids, %ebp, 2
	hypercall 0x777
	mov	%eax, %ebp
	show	"no such call", %ebp, 8
	mov	$0, %al
	ret

	.data
	.balign	8
nonce:	.quad	0
