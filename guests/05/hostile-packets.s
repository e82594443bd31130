# Packets for whoever parses them behind the card. In libslirp 4.7, the first ends the VMM by itself and the
# third is half of what makes it send its own memory. None may get there, and the card works on: at the end
# it asks by ARP who the router is.
#
# mode: long
# devices: net
# prints: the last fragment comes first\na first fragment\nurgent data\na datagram shorter than its packet\n
# prints: options beyond the segment\na fragment with a VLAN tag\na fragment of IPv6\n
# prints: afterwards the router is 52550a000202\n
# status: 0
# qemu: no, the first of them is its end, too

	.include "start64.inc"
	.include "router.inc"

	.macro	to_router type:req
	.byte	0x52, 0x55, 10, 0, 2, 2
	us
	.byte	\type >> 8, \type & 255
	.endm

	# The header of a packet of 50 bytes in all.
	.macro	ipv4 fragment:req, protocol:req, checksum:req
	.byte	0x45, 0, 0, 50, 0, 1, \fragment >> 8, \fragment & 255
	.byte	64, \protocol, \checksum >> 8, \checksum & 255, 10, 0, 2, 15, 10, 0, 2, 2
	.endm

	# Send a frame of 64 bytes: it begins at the label.
	.macro	try name:req, label:req
	print	"\name\n"
	send	\label, 64
	.endm

main:
	net_begin
	try	"the last fragment comes first", last
	try	"a first fragment", first
	try	"urgent data", urgent
	try	"a datagram shorter than its packet", datagram
	try	"options beyond the segment", options
	try	"a fragment with a VLAN tag", tagged
	try	"a fragment of IPv6", ipv6
	call	find_router
	print	"afterwards the router is "
	call	show_router
	exit	$0

	.data
last:	to_router 0x0800
	ipv4	0x1c00, 1, 0x46ba
	.byte	8, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22
first:	to_router 0x0800
	ipv4	0x2000, 1, 0x42ba
	.byte	8, 0, 0, 0, 0, 1, 0, 1
	.skip	22
urgent:	to_router 0x0800
	ipv4	0, 6, 0x62b5
	.byte	4, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x38, 255, 255, 0, 0, 0x40, 0	# ACK, PSH, URG
	.skip	10
datagram:
	to_router 0x0800
	ipv4	0, 17, 0x62aa
	.byte	4, 0, 0, 9, 0, 7, 0, 0
	.skip	22
options:
	to_router 0x0800
	ipv4	0, 6, 0x62b5
	.byte	4, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0xf0, 0x02, 255, 255, 0, 0, 0, 0	# SYN
	.skip	10
tagged:	to_router 0x8100
	.byte	0, 1, 8, 0
	ipv4	0x1c00, 1, 0x46ba
	.skip	26
ipv6:	to_router 0x86dd
	.byte	0x60, 0, 0, 0, 0, 10, 44, 64
	.byte	0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15
	.byte	0xfe, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
	.byte	58, 0, 0x1c, 0, 0, 0, 0, 1, 128, 0
