# The same kernel as bz-info, with low limits: an initrd below 8 MiB, a command line of 63 bytes, and
# 5 MiB of memory from 1 MiB on until it is unpacked.
#
# mode: bzimage
# status: 0
# qemu: no, it runs the setup code, which is not there

	.set	CMDLINE_MAX, 63
	.set	INITRD_MAX, 0x7fffff
	.set	INIT_SIZE, 0x500000
	.include "bz-info.inc"
