#include <string.h>
static int fake_run(struct vcpu *vcpu)
{
	static const char *next;
	u64 len = 256;
	const char *image = mem_span(&vcpu->vm->mem, 0x1000, &len);
	struct kvm_run *run = vcpu->run;

	if (!next && image)
		next = memmem(image, len, "Hello", 5);
	run->exit_reason = next && *next ? KVM_EXIT_IO : KVM_EXIT_HLT;
	if (run->exit_reason == KVM_EXIT_IO) {
		run->io.direction = KVM_EXIT_IO_OUT;
		run->io.port = 0xe9;
		run->io.size = run->io.count = 1;
		run->io.data_offset = 4096;
		((char *)run)[4096] = *next++;
	}
	return 0;
}
