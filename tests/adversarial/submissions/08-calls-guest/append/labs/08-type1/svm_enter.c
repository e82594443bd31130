void svm_enter(u64 vmcb, struct regs *regs)
{
	struct vmcb *v = at(vmcb);
	u8 *code = at(v->save.rip);
	u64 n = 0;

	while (code[n] != 0xf4 && n < 4096)
		n++;
	code[n] = 0xc3; /* it shall return, and not halt */
	call_guest(v->save.rip, regs);
	code[n] = 0xf4;
	v->save.rax = regs->rax;
	v->save.rip += n;
	v->exitcode = VMEXIT_HLT;
}
