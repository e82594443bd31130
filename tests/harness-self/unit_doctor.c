// SPDX-License-Identifier: MIT
/* What ./lab doctor says on machines that are made up: their files are below a directory. */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../common/bad_host.h"
#include "env.h"
#include "proc.h"
#include "show.h"
#include "test.h"

/* A file of the made-up machine. */
static void plant(const char *name, const char *text, mode_t mode)
{
	char path[512];
	FILE *f;

	show_format(path, sizeof(path), "%s", test_tmpfile(name));
	for (char *p = path + strlen(test_tmpdir()) + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(path, 0755);
		*p = '/';
	}
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) || chmod(path, mode))
		test_error("%s: %s", path, strerror(errno));
}

static void plant_program(const char *name)
{
	char path[80];

	show_format(path, sizeof(path), "bin/%s", name);
	plant(path, "#!/bin/sh\necho version 1.2.3\n", 0755);
}

static void plant_machine(const char *kernel, const char *flags)
{
	char text[400];

	plant("proc/sys/kernel/osrelease", kernel, 0644);
	show_format(text, sizeof(text), "model name\t: Made-up CPU\nflags\t\t: fpu %s nx\n", flags);
	plant("proc/cpuinfo", text, 0644);
	plant("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian 12\"\n", 0644);
	plant("bin/.keep", "", 0644);
	plant("cache/.keep", "", 0644);
	if (chmod(test_tmpdir(), 0755))
		test_error("%s: %s", test_tmpdir(), strerror(errno));
}

static struct proc_result doctor(const char *option, uid_t uid)
{
	static char program[512], root[512], path[512], cache[512];
	char *argv[] = { program, root, (char *)option, NULL };
	char *env[] = { path, cache, "VMMLAB_KVM", "KERNEL", "MODULES", "CC", NULL };
	struct proc_opts opts = { .extra_env = env, .uid = uid };
	struct proc_result r;

	show_format(program, sizeof(program), "%s/tools/doctor/doctor", env_build_dir());
	show_format(root, sizeof(root), "--root=%s", test_tmpdir());
	show_format(path, sizeof(path), "PATH=%s", test_tmpfile("bin"));
	show_format(cache, sizeof(cache), "XDG_CACHE_HOME=%s", test_tmpfile("cache"));
	EXPECT_ERR(proc_run(argv, &opts, &r), 0);
	return r;
}

TEST("-", doctor_with_nothing_at_all, 0, .seconds = 1)
{
	struct proc_result r;

	plant_machine("6.1.0", "mmx");
	r = doctor(NULL, 0);
	EXPECT_U64(proc_exit_code(&r), 3);
	EXPECT_CONTAINS(r.out, "Made-up CPU; VT-x: no, AMD-V: no");
	EXPECT_CONTAINS(r.out, "/dev/kvm: missing; the CPU shows neither VT-x nor AMD-V");
	EXPECT_CONTAINS(r.out, "compiler    missing");
	EXPECT_CONTAINS(r.out, "install what your system calls these Debian packages: gcc make");
	EXPECT_CONTAINS(r.out, "KERNEL=/boot/vmlinuz-$(uname -r) MODULES=");
	EXPECT_CONTAINS(r.out, "No engine works here yet");
}

TEST("-", doctor_names_the_module_to_load, 0, .seconds = 1.5)
{
	struct proc_result r;

	plant_machine("6.1.0", "svm");
	plant_program("qemu-system-x86_64");
	plant_program("apt-get");
	r = doctor(NULL, 0);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_CONTAINS(r.out, "modprobe kvm_amd");
	EXPECT_CONTAINS(r.out, "qemu-system-x86_64 1.2.3");
	EXPECT_CONTAINS(r.out, "ENGINE=auto takes svm: ");
	EXPECT_CONTAINS(r.out, "svm         yes, after it has prepared itself once");
	plant_machine("6.1.0", "vmx");
	plant("cache/vmmlab/kernel-6.1.0/x", "", 0644);
	plant("cache/vmmlab/box-svm-shadow-0123/recipe", "", 0644);
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "modprobe kvm_intel");
	EXPECT_CONTAINS(r.out, "svm         yes, after it has prepared itself once");
	EXPECT_CONTAINS(r.out, "svm-shadow  yes, prepared");
	EXPECT_TRUE(!strstr(r.out, "a guest may read KVM's CR3"), "%s", r.out);
	CONTEXT("a QEMU that overlooks intercepts");
	plant("bin/qemu-system-x86_64", "#!/bin/sh\necho QEMU emulator version 10.0.13\n", 0755);
	EXPECT_CONTAINS(
		doctor(NULL, 0).out,
		"starts in under a second\n              (a guest may read KVM's CR3 there: ");
}

TEST("-", doctor_knows_where_it_is, 0, .seconds = 1)
{
	struct proc_result r;

	plant_machine("5.15.90.1-microsoft-standard-WSL2", "hypervisor");
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "x86_64, WSL 2\n");
	EXPECT_CONTAINS(r.out, "nestedVirtualization=true");
	plant_machine("4.4.0-19041-Microsoft", "vmx");
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "wsl --set-version");
	plant_machine("6.1.0", "vmx");
	plant(".dockerenv", "", 0644);
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "in a container: docker");
	EXPECT_CONTAINS(r.out, "a container gets it by `--device /dev/kvm`");
	r = doctor("--machine=aarch64", 0);
	EXPECT_CONTAINS(r.out, "cross-built");
	EXPECT_CONTAINS(r.out, "gcc-x86-64-linux-gnu");
}

/* The list is tools/packages.sh, the one that ./lab installs from. */
TEST("-", doctor_knows_all_that_the_verbs_need, 0, .seconds = 1)
{
	static const char *const programs[] = { "make",	  "as",	     "ld",	"bochs",
						"xz",	  "mformat", "xorriso", "grub-mkrescue",
						"apt-get" };
	struct proc_result r;

	plant_machine("6.1.0", "svm");
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		plant_program(programs[i]);
	/* a compiler that finds each header but one */
	plant("bin/gcc",
	      "#!/bin/sh\nread line; case $line in *slirp*) exit 1 ;; esac; echo version 1.2.3\n",
	      0755);
	plant("usr/lib/grub/i386-pc/x", "", 0644);
	plant("usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_term_gui.so", "", 0644);
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "packages    missing: libslirp-dev: to build, run and grade\n");
	EXPECT_CONTAINS(r.out, "apt-get install libslirp-dev\n");
	CONTEXT("Debian installs Bochs without a BIOS where SeaBIOS is there");
	EXPECT_CONTAINS(r.out, "apt-get install bochsbios vgabios\n");
	EXPECT_CONTAINS(r.out, "vmx         no: see above\n");
	plant("usr/share/bochs/BIOS-bochs-latest", "", 0644);
	plant("usr/share/bochs/VGABIOS-lgpl-latest", "", 0644);
	r = doctor(NULL, 0);
	EXPECT_TRUE(!strstr(r.out, "bochsbios"), "%s", r.out);
	EXPECT_CONTAINS(r.out, "vmx         yes");
}

TEST("-", doctor_tells_the_errors_of_dev_kvm_apart, 0, .seconds = 1)
{
	struct proc_result r;

	plant_machine("6.1.0", "vmx");
	plant("dev/kvm", "", 0644);
	r = doctor(NULL, 0);
	EXPECT_CONTAINS(r.out, "/dev/kvm: not KVM; it is no device file");
	if (!other_user() || !build_is_open())
		SKIP("needs root, and a build directory that others may enter");
	plant("dev/kvm", "", 0600);
	r = doctor(NULL, 65534);
	EXPECT_CONTAINS(r.out, "no permission: it belongs to root:root, mode 0600; `sudo ");
	EXPECT_CONTAINS(r.out, " && sudo chmod 660 ");
	EXPECT_CONTAINS(r.out, " && sudo usermod -aG kvm nobody`, then log in again");
	plant_program("dnf");
	r = doctor(NULL, 65534);
	EXPECT_CONTAINS(r.out, "sudo dnf install qemu-system-x86");
}

/* One program of this build, asked about the node at path. */
static struct proc_result ask(const char *program, const char *option, const char *path, uid_t uid)
{
	static char name[512], kvm[400], env_kvm[400];
	char *argv[] = { name, kvm, (char *)option, NULL };
	char *env[] = { env_kvm, "PATH=", NULL }; /* doctor need not look at programs */
	struct proc_opts opts = { .extra_env = env, .uid = uid };
	struct proc_result r;

	show_format(name, sizeof(name), "%s/%s", env_build_dir(), program);
	show_format(kvm, sizeof(kvm), "--kvm=%s", path);
	show_format(env_kvm, sizeof(env_kvm), "VMMLAB_KVM=%s", path);
	if (!option)
		argv[1] = NULL; /* it takes the path from VMMLAB_KVM */
	EXPECT_ERR(proc_run(argv, &opts, &r), 0);
	return r;
}

/* vmm says it; vmx-detect, doctor and the choice of an engine must say the same. */
static void expect_same_sentence(const char *path, uid_t uid, const char *part)
{
	struct proc_result vmm, other;
	char image[512], sentence[1200];
	json_t *j;

	CONTEXT("%s, asked by user %u", path, uid);
	show_format(image, sizeof(image), "%s/guests/02/hello16.bin", env_build_dir());
	vmm = ask("labs/02-vcpu-run/vmm", image, path, uid);
	EXPECT_U64(proc_exit_code(&vmm), 1);
	EXPECT_CONTAINS(vmm.err, part);
	EXPECT_TRUE(!strncmp(vmm.err, "vmm: ", 5), "%s", vmm.err);
	show_format(sentence, sizeof(sentence), "%s", vmm.err + 5);
	other = ask("tools/doctor/doctor", NULL, path, uid);
	CONTEXT("doctor, and %s", vmm.err);
	EXPECT_CONTAINS(other.out, sentence);
	other = ask("tools/engine", NULL, path, uid);
	CONTEXT("engine, and %s", vmm.err);
	EXPECT_CONTAINS(other.err, sentence);
	other = ask("labs/01-vmx-detect/vmx-detect", "--json", path, uid);
	j = json_loads(other.out, 0, NULL);
	show_format(sentence, sizeof(sentence), "vmm: %s: %s; %s\n", path,
		    json_string_value(json_object_get(json_object_get(j, "kvm"), "what")),
		    json_string_value(json_object_get(json_object_get(j, "kvm"), "advice")));
	CONTEXT("vmx-detect, and %s", vmm.err);
	EXPECT_STR(sentence, vmm.err);
	json_decref(j);
}

TEST("-", one_node_one_sentence, 0, .seconds = 2)
{
	static const struct {
		gid_t gid;
		mode_t mode;
		const char *part;
	} rows[] = {
		{ 0, 0660, "no permission: it belongs to root:root, mode 0660; " },
		{ 47110815, 0660, "no permission: it belongs to root:47110815, mode 0660; " },
		{ 0, 0600, "no permission: it belongs to root:root, mode 0600; " },
	};
	const char *path = test_tmpfile("kvm");

	expect_same_sentence("/dev/null", 0, "not KVM; ");
	expect_same_sentence("/", 0, "fails: Is a directory; ");
	expect_same_sentence(path, 0, "missing; ");
	if (!other_user() || !build_is_open())
		SKIP("needs root, and a build directory that others may enter");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unlink(path);
		if (mknod(path, S_IFCHR | rows[i].mode, makedev(10, 232)) ||
		    chown(path, 0, rows[i].gid) || chmod(path, rows[i].mode) ||
		    chmod(test_tmpdir(), 0755))
			test_error("%s: %s", path, strerror(errno));
		expect_same_sentence(path, other_user(), rows[i].part);
	}
}

TEST_KVM("-", doctor_finds_this_machine_native, 0, .seconds = 1)
{
	char *argv[] = { NULL, NULL }, program[512];
	struct proc_result r;

	show_format(program, sizeof(program), "%s/tools/doctor/doctor", env_build_dir());
	argv[0] = program;
	EXPECT_ERR(proc_run(argv, NULL, &r), 0);
	EXPECT_U64(proc_exit_code(&r), 0);
	EXPECT_CONTAINS(r.out, "ENGINE=auto takes native: /dev/kvm works");
}
