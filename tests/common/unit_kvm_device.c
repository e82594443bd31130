// SPDX-License-Identifier: MIT
/*
 * What is said about a KVM device that does not serve: the table row by row, and then its advice
 * followed to the letter on every kind of node, which must help.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kvm_device.h"
#include "test.h"

#define KVM_GID 108
#define ALICE	1000

/* A node of root's with that group and mode, as alice sees it. */
static struct kvm_node node_of(gid_t gid, const char *group, mode_t mode)
{
	struct kvm_node n = { .path = "/dev/kvm",
			      .mode = S_IFCHR | mode,
			      .numbers = makedev(10, 232),
			      .euid = ALICE,
			      .gid = gid,
			      .owner = "root",
			      .user = "alice",
			      .group_named = group,
			      .kvm_group = true };

	if (group)
		snprintf(n.group, sizeof(n.group), "%s", group);
	else
		snprintf(n.group, sizeof(n.group), "%u", (unsigned)gid);
	return n;
}

static const struct kvm_place host = { .vmx = true }, cloud = { .guest = true }, nothing = { 0 },
			      amd = { .svm = true }, rooted = { .svm = true, .root = true },
			      off = { .vmx = true, .off = true },
			      svm_off = { .svm = true, .off = true },
			      docker = { .vmx = true, .container = "docker" },
			      plain_container = { .container = "podman" },
			      windows = { .guest = true, .wsl2 = true },
			      with_udev = { .vmx = true, .udev = true };

static void expect_trouble(enum kvm_state state, int error, const struct kvm_node *node,
			   const struct kvm_place *place, const char *what, const char *advice,
			   const char *never)
{
	struct kvm_trouble t;

	CONTEXT("%s, %s", kvm_state_name(state), strerror(error));
	kvm_trouble(&t, state, error, node, place);
	EXPECT_STR(t.what, what);
	EXPECT_CONTAINS(t.advice, advice);
	EXPECT_TRUE(!never || !strstr(t.advice, never), "it says `%s`: %s", never, t.advice);
	EXPECT_TRUE(!strchr(t.what, '\n') && !strchr(t.advice, '\n'), "more than one line");
}

/* --- where the node's owner does not matter --- */

TEST("-", kvm_missing_depends_on_the_machine, 0)
{
	static const struct {
		const struct kvm_place *place;
		const char *missing, *no_driver;
	} rows[] = {
		{ &host, "`sudo modprobe kvm_intel`", "`sudo modprobe kvm_intel`" },
		{ &amd, "`sudo modprobe kvm_amd`; should that say \"Operation not supported\"",
		  "`sudo modprobe kvm_amd`" },
		{ &rooted, "`modprobe kvm_amd`", "`modprobe kvm_amd`" },
		{ &off, "switch on \"Virtualization Technology\" in its set-up",
		  "the firmware has switched off" },
		{ &svm_off, "switch on SVM in its set-up", "the firmware has switched off" },
		{ &docker, "`--device /dev/kvm`",
		  "on the container's host: `sudo modprobe kvm_intel`" },
		{ &windows, "[wsl2] nestedVirtualization=true", "nestedVirtualization=true" },
		{ &plain_container, "`--device /dev/kvm`, if its host has it; without, ENGINE=svm",
		  "ENGINE=svm" },
		{ &cloud, "ENGINE=svm ..., or have the host of this virtual machine",
		  "ENGINE=svm" },
		{ &nothing, "neither VT-x nor AMD-V: run the labs in an emulated CPU",
		  "ENGINE=svm" },
	};
	struct kvm_node node = node_of(KVM_GID, "kvm", 0660), gone = node;

	gone.stat_errno = ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *never = rows[i].place->vmx || rows[i].place->svm ? "ENGINE"
									     : "modprobe";

		expect_trouble(KVM_MISSING, ENOENT, &gone, rows[i].place, "missing",
			       rows[i].missing, never);
		expect_trouble(KVM_NO_DRIVER, ENODEV, &node, rows[i].place, "no driver",
			       rows[i].no_driver, never);
	}
	gone.path = "/tmp/kvn";
	expect_trouble(KVM_MISSING, ENOENT, &gone, &host, "missing", "there is no such file",
		       "modprobe");
}

TEST("-", kvm_is_another_file, 0)
{
	struct kvm_node node = node_of(0, "root", 0666);

	node.numbers = makedev(1, 3);
	expect_trouble(KVM_NOT_KVM, ENOTTY, &node, &host, "not KVM",
		       "it is device 1:3, and KVM is 10:232 (/dev/kvm)", NULL);
	expect_trouble(KVM_NO_DRIVER, ENXIO, &node, &host, "no driver", "it is device 1:3",
		       "modprobe");
	node.mode = S_IFSOCK | 0666;
	expect_trouble(KVM_NO_DRIVER, ENXIO, &node, &host, "no driver", "it is no device file",
		       "modprobe");
	node.mode = S_IFDIR | 0755;
	expect_trouble(KVM_FAILS, EISDIR, &node, &host, "fails: Is a directory",
		       "it is no device file", "dmesg");
}

TEST("-", kvm_other_troubles, 0)
{
	struct kvm_node node = node_of(KVM_GID, "kvm", 0660);

	expect_trouble(KVM_BUSY, EBUSY, &node, &host, "busy", "end the other hypervisor", NULL);
	expect_trouble(KVM_OTHER_VERSION, EPROTO, &node, &host, "another API version", "version 12",
		       NULL);
	expect_trouble(KVM_LACKING, EOPNOTSUPP, &node, &host, "lacks a capability",
		       "KVM_CAP_USER_MEMORY", NULL);
	expect_trouble(KVM_FAILS, EMFILE, &node, &host, "fails: Too many open files", "ulimit -n",
		       "dmesg");
	expect_trouble(KVM_FAILS, ENOMEM, &node, &host, "fails: Cannot allocate memory",
		       "ulimit -v", "dmesg");
	expect_trouble(KVM_FAILS, EIO, &node, &host, "fails: Input/output error",
		       "dmesg | grep -i kvm", NULL);
}

TEST("-", kvm_of_a_dump_gets_general_advice, 0)
{
	expect_trouble(KVM_MISSING, ENOENT, NULL, NULL, "missing", "kvm_intel (or kvm_amd)", NULL);
	expect_trouble(KVM_NO_PERMISSION, EACCES, NULL, &host, "no permission", "`ls -l /dev/kvm`",
		       "usermod");
	expect_trouble(KVM_MISSING, ENOENT, NULL, &amd, "missing", "modprobe kvm_amd", "intel");
}

/* --- owner, group, mode, membership --- */

TEST("-", kvm_access_row_by_row, 0)
{
	static const struct {
		gid_t gid;
		mode_t mode;
		const char *group;
		const struct kvm_place *place;
		const char *what, *advice, *never;
	} rows[] = {
		{ KVM_GID, 0660, "kvm", &host, "root:kvm, mode 0660",
		  "`sudo usermod -aG kvm alice`, then log in again", "chown" },
		{ 44, 0660, "video", &host, "root:video, mode 0660",
		  "`sudo usermod -aG video alice`", "kvm alice" },
		{ 0, 0660, "root", &host, "root:root, mode 0660",
		  "`sudo chown root:kvm /dev/kvm && sudo usermod -aG kvm alice`, then log in again",
		  "-aG root" },
		{ 0, 0660, "root", &with_udev, "root:root, mode 0660",
		  "echo 'KERNEL==\"kvm\", GROUP=\"kvm\", MODE=\"0660\"' | sudo tee "
		  "/etc/udev/rules.d/",
		  NULL },
		{ 0, 0660, "root", &windows, "root:root, mode 0660",
		  "/etc/wsl.conf: [boot] command", "udev" },
		{ 4711, 0660, NULL, &host, "root:4711, mode 0660",
		  "chown root:kvm /dev/kvm && sudo usermod -aG kvm alice", "4711" },
		{ 4711, 0660, NULL, &docker, "root:4711, mode 0660",
		  "`--device /dev/kvm --group-add 4711`", "usermod" },
		{ 0, 0660, "root", &docker, "root:root, mode 0660", "--group-add 0`", "usermod" },
		{ 65534, 0660, "nogroup", &docker, "root:nogroup, mode 0660",
		  "--group-add keep-groups", "chown" },
		{ KVM_GID, 0600, "kvm", &host, "root:kvm, mode 0600",
		  "`sudo chmod 660 /dev/kvm && sudo usermod -aG kvm alice`", "chown" },
		{ KVM_GID, 0600, "kvm", &docker, "root:kvm, mode 0600",
		  "as root in this container: `chown 1000 /dev/kvm`", "--group-add" },
		{ 0, 0, "root", &host, "root:root, mode 0000", "chown root:kvm", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kvm_node node = node_of(rows[i].gid, rows[i].group, rows[i].mode);
		char what[120];

		snprintf(what, sizeof(what), "no permission: it belongs to %s", rows[i].what);
		expect_trouble(KVM_NO_PERMISSION, EACCES, &node, rows[i].place, what,
			       rows[i].advice, rows[i].never);
	}
}

TEST("-", kvm_access_special_cases, 0)
{
	struct kvm_node node = node_of(0, "root", 0660);

	CONTEXT("no group kvm on the system");
	node.kvm_group = false;
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host,
		       "no permission: it belongs to root:root, mode 0660",
		       "`sudo groupadd --system kvm && sudo chown root:kvm", NULL);
	node = node_of(KVM_GID, "kvm", 0660);
	node.in_group.listed = true;
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host,
		       "no permission: it belongs to root:kvm, mode 0660",
		       "log in again, or `newgrp kvm`", "usermod");
	node = node_of(0, "root", 0660);
	*node.user = 0;
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host,
		       "no permission: it belongs to root:root, mode 0660",
		       "`sudo chown 1000 /dev/kvm`", "usermod");
	node.path = "/tmp/my nodes/kvm";
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &with_udev,
		       "no permission: it belongs to root:root, mode 0660",
		       "`sudo chown 1000 '/tmp/my nodes/kvm'`", "udev");
	node = node_of(0, "root", 0660);
	node.stat_errno = EACCES;
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host, "no permission",
		       "a directory on the way", "usermod");
}

TEST("-", kvm_refused_although_the_mode_allows, 0)
{
	struct kvm_node node = node_of(KVM_GID, "kvm", 0666);
	const char *what = "no permission: it belongs to root:kvm, mode 0666";

	expect_trouble(KVM_NO_PERMISSION, EPERM, &node, &docker, what,
		       "start this container with `--device /dev/kvm`", "usermod");
	expect_trouble(KVM_NO_PERMISSION, EPERM, &node, &host, what, "DeviceAllow=/dev/kvm rw",
		       "usermod");
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host, what, "SELinux", "usermod");
	node.nodev = true;
	expect_trouble(KVM_NO_PERMISSION, EACCES, &node, &host, what, "mounted nodev", "usermod");
	node = node_of(0, "root", 0600);
	node.euid = 0;
	expect_trouble(KVM_NO_PERMISSION, EPERM, &node, &docker,
		       "no permission: it belongs to root:root, mode 0600", "--device /dev/kvm",
		       "chown");
}

/* --- the advice, followed --- */

/* One command of the advice, on the model: what chown, chmod, groupadd and usermod would do. */
static bool obey(struct kvm_node *n, char *command)
{
	char group[40], who[40], path[80];
	unsigned id;

	if (!strcmp(command, "groupadd --system kvm")) {
		n->kvm_group = true;
	} else if (sscanf(command, "chown root:kvm %79s", path) == 1 && n->kvm_group) {
		n->uid = 0;
		n->gid = KVM_GID;
		n->group_named = true;
		snprintf(n->group, sizeof(n->group), "kvm");
		n->in_group = n->in_kvm;
	} else if (sscanf(command, "chown %u %79s", &id, path) == 2) {
		n->uid = id;
	} else if (!strncmp(command, "chmod 660 ", 10)) {
		n->mode = S_IFCHR | 0660;
	} else if (!strncmp(command, "chmod u+rw ", 11)) {
		n->mode |= 0600;
	} else if (sscanf(command, "usermod -aG %39s %39s", group, who) == 2 && n->group_named &&
		   !strcmp(group, n->group) && !strcmp(who, n->user)) {
		n->in_group.listed = true;
	} else {
		return false;
	}
	return true;
}

/* All commands between the backquotes; then the new log-in. */
static void follow(struct kvm_node *n, const struct kvm_trouble *t)
{
	const char *begin = t->advice + strcspn(t->advice, "`");
	char commands[400], *save = NULL;

	EXPECT_TRUE(*begin, "it names no command: %s", t->advice);
	snprintf(commands, sizeof(commands), "%.*s", (int)strcspn(begin + 1, "`"), begin + 1);
	for (char *p = strtok_r(commands, "&", &save); p; p = strtok_r(NULL, "&", &save)) {
		p += strspn(p, " ");
		p += strncmp(p, "sudo ", 5) ? 0 : 5;
		if (p[strlen(p) - 1] == ' ')
			p[strlen(p) - 1] = 0;
		if (!strncmp(p, "newgrp ", 7))
			n->in_group.now = n->in_group.listed;
		else
			EXPECT_TRUE(obey(n, p), "`%s` fails: %s", p, t->advice);
	}
	if (strstr(t->advice, "log in again"))
		n->in_group.now = n->in_group.listed;
}

/* A group of each kind: root's, kvm, another one, a bare number. */
static struct kvm_node node_number(unsigned n)
{
	static const struct {
		gid_t gid;
		const char *group;
	} groups[] = { { 0, "root" }, { KVM_GID, "kvm" }, { 44, "video" }, { 4711, NULL } };
	static const mode_t modes[] = { 0, 0600, 0640, 0644, 0660, 0060, 0606, 0400 };
	struct kvm_node node = node_of(groups[n % 4].gid, groups[n % 4].group, modes[n / 4 % 8]);

	node.uid = n >> 5 & 1 ? ALICE : 0;
	node.kvm_group = node.gid == KVM_GID || (n >> 6 & 1);
	node.in_group.listed = n >> 7 & 1;
	node.in_group.now = node.in_group.listed && (n >> 8 & 1);
	if (node.kvm_group)
		node.in_kvm.listed = n >> 9 & 1;
	node.in_kvm.now = node.in_kvm.listed && (n >> 10 & 1);
	if (node.gid == KVM_GID)
		node.in_kvm = node.in_group;
	if (n >> 11 & 1)
		*node.user = 0;
	return node;
}

TEST("-", kvm_advice_followed_helps, 0, .seconds = 1)
{
	unsigned followed = 0;

	for (unsigned n = 0; n < 1u << 12; n++) {
		struct kvm_node node = node_number(n);
		struct kvm_trouble t, then;

		kvm_trouble(&t, KVM_NO_PERMISSION, EACCES, &node, &host);
		if (strstr(t.advice, "its mode would let you"))
			continue;
		CONTEXT("node %u, %s, uid %u, in its group %d/%d, in kvm %d/%d: %s", n, t.what,
			node.uid, node.in_group.now, node.in_group.listed, node.in_kvm.now,
			node.in_kvm.listed, t.advice);
		follow(&node, &t);
		kvm_trouble(&then, KVM_NO_PERMISSION, EACCES, &node, &host);
		EXPECT_CONTAINS(then.advice, "its mode would let you");
		followed++;
	}
	EXPECT_TRUE(followed > 1000, "only %u nodes were refused", followed);
}

/* --- looking --- */

TEST("-", kvm_sentence_looks_at_the_node, 0)
{
	char text[KVM_SENTENCE_MAX];

	kvm_sentence(text, sizeof(text), "/dev/null", -ENOTTY, "");
	EXPECT_STR(text, "not KVM; it is device 1:3, and KVM is 10:232 (/dev/kvm)");
	kvm_sentence(text, sizeof(text), "/", -EISDIR, "");
	EXPECT_STR(text, "fails: Is a directory; it is no device file; KVM's own is /dev/kvm");
	kvm_sentence(text, sizeof(text), test_tmpfile("kvm"), -ENOENT, "");
	EXPECT_STR(text, "missing; there is no such file; KVM's own device is /dev/kvm");
}

/* A file of a made-up machine. */
static void plant(const char *name, const char *text)
{
	FILE *f;
	char path[400];

	snprintf(path, sizeof(path), "%s", test_tmpfile(name));
	for (char *p = path + strlen(test_tmpdir()) + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(path, 0755);
		*p = '/';
	}
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		test_error("%s: %s", path, strerror(errno));
}

TEST("-", kvm_place_is_read_from_files, 0)
{
	struct kvm_place place;

	kvm_place_look(&place, test_tmpdir());
	EXPECT_TRUE(!place.vmx && !place.svm && !place.guest && !place.off && !place.wsl2 &&
			    !place.udev && !place.container,
		    "an empty directory has something");
	plant("proc/cpuinfo", "flags\t\t: fpu svm_lock hypervisor vmx\nflags: svm\n");
	kvm_place_look(&place, test_tmpdir());
	EXPECT_TRUE(place.vmx && place.guest, "a flag was not seen");
	EXPECT_TRUE(!place.svm, "svm_lock was taken for svm, or the second CPU was asked");
	plant("proc/cpuinfo", "model name\t: vmx\nflags\t\t: svm fpu\n");
	plant("proc/sys/kernel/osrelease", "5.15.90.1-microsoft-standard-WSL2\n");
	plant("proc/1/cgroup", "0::/docker/0123\n");
	plant("run/udev/control", "");
	kvm_place_look(&place, test_tmpdir());
	EXPECT_TRUE(place.svm && !place.vmx && place.wsl2 && place.udev, "it was not all seen");
	EXPECT_STR(place.container, "docker");
	plant("run/.containerenv", "");
	kvm_place_look(&place, test_tmpdir());
	EXPECT_STR(place.container, "podman");
}
