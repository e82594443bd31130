// SPDX-License-Identifier: MIT
/*
 * Lab 08's hypervisor as a guest of the VMM of the labs below: where KVM's guests have a CPU that
 * virtualizes, the same file runs the same guests there. On a bare emulated machine a flush that is
 * missing shows nowhere; below KVM on Intel's CPU the guest reads its old pages.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env.h"
#include "nonce.h"
#include "show.h"
#include "tasks.h"
#include "test.h"

/* The hypervisor, with a guest for itself and a number in it; NULL: alone. */
static struct outcome run_hypervisor(const char *hypervisor, const char *guest, u64 nonce)
{
	char original[PATH_MAX], copy[PATH_MAX];
	struct vmm_run r = { .image = hypervisor,
			     .args = { "--memory=64M", "--mode=protected", "--irqchip=kernel" } };
	struct outcome o;

	if (guest) {
		show_format(original, sizeof(original), "%s/guests/08/%s.elf", env_build_dir(),
			    guest);
		if (nonce_patch(original, nonce, copy, sizeof(copy)))
			test_error("%s: no nonce can be put in", original);
		chmod(copy, 0644);
		r.args[3] = test_text("--initrd=%s", copy);
	}
	o = run_vmm(&r);
	if (guest)
		unlink(copy);
	return o;
}

TEST_KVM("-", a_hypervisor_as_a_guest, 0, .seconds = 3)
{
	u64 nonce = nonce_random();
	unsigned n = (nonce & 7) + 1, low = (unsigned)nonce;
	char hypervisor[PATH_MAX], vmm[PATH_MAX];
	struct outcome o;

	if (lab_program(6, env_build_dir(), vmm, sizeof(vmm)) ||
	    lab_program(8, env_build_dir(), hypervisor, sizeof(hypervisor)))
		SKIP("there is no hypervisor, or no VMM that gives it a guest");
	o = run_hypervisor(hypervisor, NULL, 0);
	if (strstr(o.err, "is not done yet") || strstr(o.out, "is not done yet"))
		SKIP("the hypervisor or the VMM is not done yet");
	if (!strstr(o.out, " is on: ") ||
	    !strstr(o.out, strstr(o.out, "SVM") ? ", nested paging" : ", EPT"))
		SKIP("the guests of this KVM have no nested paging of their own");
	CONTEXT("lab 08's hypervisor, as a guest, runs a guest: pages that come when touched");
	o = run_hypervisor(hypervisor, "pages", nonce);
	EXPECT_CONTAINS(o.out, test_text("pages %02x\nagain 00\nlarge 01\nsum %08x\n"
					 "the hypervisor's own page\n",
					 n, n * low));
	CONTEXT("the same, and exceptions go into its guest");
	o = run_hypervisor(hypervisor, "exceptions", nonce);
	EXPECT_CONTAINS(o.out, test_text("#GP %04x at 1\n#UD at 1\n#GP 0000 at 1\n", low & 0xfff8));
	CONTEXT("the same, and two pages of its guest change places: a flush is needed");
	o = run_hypervisor(hypervisor, "swap", nonce);
	EXPECT_CONTAINS(o.out,
			test_text("before %08x %08x\nafter %08x %08x\n", low, ~low, ~low, low));
}
