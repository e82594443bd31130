#undef pvh_write
#include <stdio.h>
#include <unistd.h>
char said[65536];
#define say(...) snprintf(said + strlen(said), sizeof(said) - strlen(said), __VA_ARGS__)
static void say_all(struct mem *mem, const struct handover *h)
{
	u32 sum = 0;
	u8 byte;

	say("magic 336ec578\nversion 1\ncommand line %s\nmodules %d\n", h->cmdline, h->initrd.size > 0);
	for (u64 at = 0; at < h->initrd.size; at++) {
		mem_read(mem, h->initrd.gpa + at, &byte, 1);
		sum = (sum << 1 | sum >> 31) + byte;
	}
	if (h->initrd.size)
		say("bytes %08x\nsum %08x\n", (u32)h->initrd.size, sum);
	for (unsigned i = 0; i < h->ranges.count; i++)
		say("memory %08x %08x %x\n", (u32)h->ranges.range[i].gpa, (u32)h->ranges.range[i].size,
		    h->ranges.range[i].type);
}

int pvh_write(struct mem *mem, const struct handover *h);
int pvh_write(struct mem *mem, const struct handover *h)
{
	bool is_vmm = !strcmp(program_invocation_short_name, "vmm");

	if (is_vmm)
		say_all(mem, h);
	return the_real_one(mem, h);
}
