struct vcpu;
static int fake_run(struct vcpu *vcpu);
