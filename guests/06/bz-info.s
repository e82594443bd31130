# A bzImage that is no Linux: what has its loader told it in the zero page at %esi? (Linux's boot.rst,
# and Documentation/arch/x86/zero-page.rst)
#
# mode: bzimage
# prints: registers 0\nloader ff\ncommand line \ninitrd 00000000\nmemory 00000000 000a0000 1\nmemory 000c0000 00040000 2\nmemory 00100000 07f00000 1\n
# status: 0
# qemu: no, it runs the setup code, which is not there

	.include "bz-info.inc"
