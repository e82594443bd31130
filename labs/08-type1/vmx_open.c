// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "cpu_insn.h"
#include "todo.h"
#include "vmx.h"

/* [book:8.11] */
/* TASK 8.11 */
#if SOL >= 811
#define PORT_MAP_PAGES 2 /* A: ports 0 to 0x7fff, and B */

static u64 make_map(struct host *host)
{
	u64 map = pages_alloc(host->pages, PORT_MAP_PAGES);

	if (map)
		memset(at(map), 0xff, PORT_MAP_PAGES * PAGE_SIZE_4K);
	return map;
}

static int use_map(u64 map)
{
	u32 wanted = ((u32)vmx_get(VMCS_PRIMARY) & ~PRIMARY_IO) | PRIMARY_IO_BITMAPS, controls;
	int err = vmx_controls(IA32_VMX_PRIMARY, wanted, &controls);

	if (!err)
		err = vmx_put(VMCS_IO_BITMAP_A, map);
	if (!err)
		err = vmx_put(VMCS_IO_BITMAP_B, map + PAGE_SIZE_4K);
	return err ? err : vmx_put(VMCS_PRIMARY, controls);
}
#endif

int vmx_open(struct guest *guest, u16 port)
{
	/* TASK 8.11 */
#if SOL >= 811
	struct host *host = guest->host;
	int err = guest->control ? vmx_make_current(guest) : -EINVAL;

	if (err)
		return err;
	if (!host->ports)
		host->ports = make_map(host);
	if (!host->ports)
		return -ENOMEM;
	((u8 *)at(host->ports))[port / 8] &= (u8) ~(1u << port % 8);
	return use_map(host->ports);
#else
	return TODO("8.11");
#endif
}
/* [book:end] */
