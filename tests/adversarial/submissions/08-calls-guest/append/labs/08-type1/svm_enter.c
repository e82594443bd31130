void svm_enter(u64 vmcb, struct regs *regs)
{
	struct vmcb *v = at(vmcb);
	u8 *code = at(v->save.rip);
	u64 n = 0;

	while (n < 256 && (code[n] != 0xf4 || (n > 0 && code[n - 1] == 0xe6))) /* (OUT to 0xf4) */
		n++;
	v->exitcode = VMEXIT_SHUTDOWN;
	if (n == 256 || !(v->save.cs.attributes & SEGMENT_L))
		return; /* no function of 64-bit code */
	code[n] = 0xc3; /* it shall return, and not halt */
	call_guest(v->save.rip, regs);
	code[n] = 0xf4;
	v->save.rax = regs->rax;
	v->save.rip += n;
	v->exitcode = VMEXIT_HLT;
}
