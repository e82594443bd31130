# The same kernel as bz-info, with low limits: an initrd below 8 MiB, a command line of 63 bytes, and
# 5 MiB of memory from 1 MiB on until it is unpacked.
#
# mode: bzimage
# prints: registers 0\nloader ff\ncommand line \ninitrd 00000000\nmemory 00000000 000a0000 1\nmemory 000c0000 00040000 2\nmemory 00100000 07f00000 1\n
# status: 0
# qemu: no, it runs the setup code, which is not there

	.set	CMDLINE_MAX, 63
	.set	INITRD_MAX, 0x7fffff
	.set	INIT_SIZE, 0x500000
	.include "bz-info.inc"
