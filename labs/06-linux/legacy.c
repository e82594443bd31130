// SPDX-License-Identifier: MIT
#include "legacy.h"

#include "layout.h"
#include "slots.h"
#include "summary.h"
#include "todo.h"

int legacy_rom(struct mem *mem, int vm_fd)
{
	/* TASK 6.4 */
#if SOL >= 604
	return mem_add_readonly(mem, vm_fd, LEGACY_ROM_GPA, LEGACY_ROM_SIZE);
#else
	return (TODO_NOTED("6.4"), 0); /* no memory there */
#endif
}

int legacy_init(struct legacy *l, struct machine *m, bool kernel)
{
	struct bus *pio = &m->vm.pio;
	int err = legacy_rom(&m->vm.mem, m->vm.fd);

	if (!err)
		err = rtc_init(&l->rtc, pio);
	if (!err)
		err = i8042_init(&l->i8042, pio, &m->vm.run);
	if (!err)
		err = power_init(&l->power, pio, &m->cpu[0].vcpu, kernel);
	if (!err)
		err = crtc_init(&l->crtc, pio);
	if (!err)
		err = outbuf_init(&l->outbuf, &m->loop, &m->sink);
	return err ? fail_errno("what a PC has besides", err) : 0;
}

void legacy_end(struct legacy *l, struct machine *m)
{
	outbuf_end(&l->outbuf);
	if (m->vga.mem || m->vga.dev.io)
		crtc_settle(&l->crtc, &m->vga);
}

void legacy_destroy(struct legacy *l)
{
	outbuf_destroy(&l->outbuf);
}
