# It looks for what a PC has, as Linux does while it boots: byte by byte through the range where the
# ROMs are, for the marks of one and of DMI; the clock, once its update is through; the keyboard's
# controller.
#
# mode: long
# prints: roms 0\nwaited 00000000\ncentury 20\nregister d 80\nwritten 5a\nbytes of the keyboard's 10\nbusy 00000000\n
# status: 0
# qemu: no, it has ROMs

	.include "start64.inc"

	.macro	cmos reg:req
	mov	$\reg, %al
	out	%al, $0x70
	in	$0x71, %al
	.endm

main:
	xor	%r8d, %r8d		# ROMs: 0x55 0xaa every 2 KiB (Linux: probe_roms())
	mov	$0xc0000, %esi
1:	cmpw	$0xaa55, (%rsi)
	jne	2f
	inc	%r8d
2:	add	$2048, %esi
	cmp	$0xf0000, %esi
	jb	1b
3:	cmpl	$0x5f4d535f, (%rsi)	# "_SM_" every 16 bytes (dmi_scan_machine())
	jne	4f
	inc	%r8d
4:	movzbl	(%rsi), %eax		# and all of it once more, for a checksum
	movzbl	15(%rsi), %eax
	add	$16, %esi
	cmp	$0x100000, %esi
	jb	3b
	show	"roms", %r8d, 1

	xor	%r8d, %r8d		# register A, bit 7: an update is in progress
5:	cmos	0x0a
	test	$0x80, %al
	jz	6f
	inc	%r8d
	cmp	$20000, %r8d
	jb	5b
6:	show	"waited", %r8d, 8
	cmos	0x32
	movzbl	%al, %r8d
	show	"century", %r8d, 2
	cmos	0x0d
	movzbl	%al, %r8d
	show	"register d", %r8d, 2
	mov	$0x40, %al		# a register that is memory
	out	%al, $0x70
	mov	$0x5a, %al
	out	%al, $0x71
	cmos	0x0d
	cmos	0x40
	movzbl	%al, %r8d
	show	"written", %r8d, 2

	xor	%r8d, %r8d		# i8042_flush(): throw away what is there, 16 bytes at most
7:	in	$0x64, %al
	test	$1, %al
	jz	8f
	in	$0x60, %al
	inc	%r8d
	cmp	$16, %r8d
	jb	7b
8:	show	"bytes of the keyboard's", %r8d, 2
	xor	%r8d, %r8d		# kb_wait(): until it has taken the last command
9:	in	$0x64, %al
	test	$2, %al
	jz	10f
	inc	%r8d
	cmp	$65536, %r8d
	jb	9b
10:	show	"busy", %r8d, 8
	mov	$0, %al
	ret
