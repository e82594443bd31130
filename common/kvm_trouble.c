// SPDX-License-Identifier: MIT
/* The table: from a state, an errno, a node and a machine to what is wrong and what to do. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kvm_device.h"

#define STANDARD  "/dev/kvm"
#define KVM_MAJOR 10 /* Linux, admin-guide/devices.txt */
#define KVM_MINOR 232
#define UNMAPPED  65534 /* what a user namespace shows for a group of its host's */

static const struct {
	const char *name, *advice;
} states[] = {
	[KVM_USABLE] = { "usable", "nothing to do" },
	[KVM_MISSING] = { "missing", "load the module: sudo modprobe kvm_intel (or kvm_amd)" },
	[KVM_NO_PERMISSION] = { "no permission", "`ls -l " STANDARD "` says who may" },
	[KVM_BUSY] = { "busy", "end the other hypervisor (VirtualBox?): it has the CPU to itself" },
	[KVM_NO_DRIVER] = { "no driver", "load the module: sudo modprobe kvm_intel (or kvm_amd)" },
	[KVM_NOT_KVM] = { "not KVM", "it answers no KVM request; KVM's own device is " STANDARD },
	[KVM_OTHER_VERSION] = { "another API version",
				"the labs need version 12: use a kernel younger than 2007" },
	[KVM_LACKING] = { "lacks a capability",
			  "every lab needs KVM_CAP_USER_MEMORY: use a newer kernel" },
	[KVM_FAILS] = { "fails", "look at the kernel's log: dmesg | grep -i kvm" },
};

const char *kvm_state_name(enum kvm_state state)
{
	return states[state <= KVM_FAILS ? state : KVM_FAILS].name;
}

static enum kvm_state state_of(int error)
{
	static const struct {
		int error;
		enum kvm_state state;
	} rows[] = {
		{ 0, KVM_USABLE },
		{ ENOENT, KVM_MISSING },
		{ EACCES, KVM_NO_PERMISSION },
		{ EPERM, KVM_NO_PERMISSION },
		{ EBUSY, KVM_BUSY },
		{ ENODEV, KVM_NO_DRIVER },
		{ ENXIO, KVM_NO_DRIVER },
		{ ENOTTY, KVM_NOT_KVM },
		{ EPROTO, KVM_OTHER_VERSION },
		{ EOPNOTSUPP, KVM_LACKING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].error == error)
			return rows[i].state;
	}
	return KVM_FAILS;
}

PRINTF(3, 4) static void append(char *text, size_t size, const char *fmt, ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, size - len, fmt, ap);
	va_end(ap);
}

#define ADVISE(t, ...) append((t)->advice, sizeof((t)->advice), __VA_ARGS__)
/* One more command, after those before it. */
#define COMMAND(t, fmt, ...) ADVISE(t, "%ssudo " fmt, *(t)->advice ? " && " : "`", ##__VA_ARGS__)

/* The device, or what plays its part below another root. */
static bool is_standard(const struct kvm_node *node)
{
	size_t len = strlen(node->path), want = strlen(STANDARD);

	return len >= want && !strcmp(node->path + len - want, STANDARD);
}

/* --- no module, or no device --- */

static void advise_module(struct kvm_trouble *t, enum kvm_state state,
			  const struct kvm_place *place)
{
	if (place->container && state == KVM_MISSING)
		ADVISE(t, "a container gets it by `--device " STANDARD "`, if its host has it%s",
		       place->vmx || place->svm
			       ? ""
			       : "; without, ENGINE=svm runs the labs in an emulated CPU");
	else if (place->off)
		ADVISE(t,
		       "the firmware has switched off what the CPU can: switch on %s in its set-up",
		       place->vmx ? "\"Virtualization Technology\"" : "SVM");
	else if (place->vmx || place->svm)
		ADVISE(t,
		       "%s`%smodprobe %s`; should that say \"Operation not supported\", switch on "
		       "virtualization in the firmware's set-up",
		       place->container ? "on the container's host: " : "",
		       place->root && !place->container ? "" : "sudo ",
		       place->vmx ? "kvm_intel" : "kvm_amd");
	else if (place->wsl2)
		ADVISE(t,
		       "in Windows, %%UserProfile%%\\.wslconfig: [wsl2] nestedVirtualization=true, "
		       "then: wsl --shutdown");
	else
		ADVISE(t,
		       "the CPU shows neither VT-x nor AMD-V: run the labs in an emulated CPU, "
		       "./lab run ENGINE=svm ...%s",
		       place->guest ? ", or have the host of this virtual machine switch on nested "
				      "virtualization"
				    : "");
}

/* --- no permission --- */

/* A path as a word of a command. */
static const char *quote(const char *path)
{
	return strspn(path,
		      "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") ==
			       strlen(path)
		       ? ""
		       : "'";
}

static bool may(mode_t mode, unsigned shift)
{
	return (mode >> shift & 6) == 6;
}

/* Does the mode let this user read and write? Only the first class that applies counts. */
static bool mode_allows(const struct kvm_node *node)
{
	/* Root may do all, but not to what its own user namespace does not know. */
	if (!node->euid && node->uid != UNMAPPED && node->gid != UNMAPPED)
		return true;
	if (node->euid == node->uid)
		return may(node->mode, 6);
	return may(node->mode, node->in_group.now ? 3 : 0);
}

/* The mode is right, and still the answer was no: who else says no? */
static void advise_beyond_mode(struct kvm_trouble *t, int error, const struct kvm_node *node,
			       const struct kvm_place *place)
{
	if (node->nodev)
		ADVISE(t, "its file system is mounted nodev, where no device opens: use " STANDARD);
	else if (error == EPERM)
		ADVISE(t,
		       "its mode would let you, a device cgroup does not: start %s container with "
		       "`--device " STANDARD "` (a systemd unit: DeviceAllow=" STANDARD " rw)",
		       place->container ? "this" : "a");
	else
		ADVISE(t, "its mode would let you, a security module (SELinux, AppArmor) does not; "
			  "its log says why: sudo dmesg | grep -i denied");
}

/* In a container the node is a copy of the host's, and so is the number of its group. */
static void advise_container(struct kvm_trouble *t, const struct kvm_node *node)
{
	const char *q = quote(node->path);

	if (node->gid == UNMAPPED) {
		ADVISE(t, "start this container with `podman run --device " STANDARD
			  " --group-add keep-groups`, as a user of the device's group");
		return;
	}
	if (may(node->mode, 3))
		ADVISE(t, "start this container with `--device " STANDARD " --group-add %u`, or ",
		       (unsigned)node->gid);
	ADVISE(t, "as root in this container: `chown %u %s%s%s", (unsigned)node->euid, q,
	       node->path, q);
	if (!may(node->mode, 6))
		ADVISE(t, " && chmod u+rw %s%s%s", q, node->path, q);
	ADVISE(t, "`");
}

/* A device file is made anew at each start. */
static void advise_for_good(struct kvm_trouble *t, const struct kvm_place *place)
{
	if (place->wsl2)
		ADVISE(t, " (for good, in /etc/wsl.conf: [boot] command = /bin/sh -c 'chown "
			  "root:kvm " STANDARD " && chmod 660 " STANDARD "')");
	else if (place->udev)
		ADVISE(t, " (for good: echo 'KERNEL==\"kvm\", GROUP=\"kvm\", MODE=\"0660\"' | sudo "
			  "tee "
			  "/etc/udev/rules.d/65-kvm.rules)");
}

/* The commands that are needed, and no others. */
static void advise_access(struct kvm_trouble *t, const struct kvm_node *node,
			  const struct kvm_place *place)
{
	/* Whoever is in root's group may do much else, and usermod wants a group's name. */
	bool change = !node->gid || !node->group_named, closed = !may(node->mode, 3);
	const struct kvm_member *in = change ? &node->in_kvm : &node->in_group;
	const char *group = change ? "kvm" : node->group, *q = quote(node->path);

	if (!*node->user) { /* nobody whom usermod knows */
		COMMAND(t, "chown %u %s%s%s", (unsigned)node->euid, q, node->path, q);
		if (!may(node->mode, 6))
			COMMAND(t, "chmod u+rw %s%s%s", q, node->path, q);
		ADVISE(t, "`");
		return;
	}
	if (change && !node->kvm_group)
		COMMAND(t, "groupadd --system kvm");
	if (change)
		COMMAND(t, "chown root:kvm %s%s%s", q, node->path, q);
	if (closed)
		COMMAND(t, "chmod 660 %s%s%s", q, node->path, q);
	if (!in->listed && !in->now)
		COMMAND(t, "usermod -aG %s %s", group, node->user);
	if (!*t->advice)
		ADVISE(t,
		       "you have joined its group since you logged in: log in again, or `newgrp "
		       "%s`",
		       group);
	else
		ADVISE(t, "`%s", in->now ? "" : ", then log in again");
	if ((change || closed) && is_standard(node))
		advise_for_good(t, place);
}

static void advise_permission(struct kvm_trouble *t, int error, const struct kvm_node *node,
			      const struct kvm_place *place)
{
	const char *q = quote(node->path);

	if (node->stat_errno == EACCES) {
		ADVISE(t,
		       "a directory on the way to it is closed to you: `namei -l %s%s%s` shows "
		       "which",
		       q, node->path, q);
		return;
	}
	if (node->stat_errno) {
		ADVISE(t, "`ls -l %s%s%s` says who may", q, node->path, q);
		return;
	}
	append(t->what, sizeof(t->what), ": it belongs to %s:%s, mode %04o", node->owner,
	       node->group, node->mode & 07777);
	if (mode_allows(node))
		advise_beyond_mode(t, error, node, place);
	else if (node->euid == node->uid)
		ADVISE(t, "it is yours: `chmod u+rw %s%s%s`", q, node->path, q);
	else if (place->container)
		advise_container(t, node);
	else
		advise_access(t, node, place);
}

/* --- all --- */

/* What is known to be no device of KVM's, whatever it answers. */
static bool advise_other_file(struct kvm_trouble *t, enum kvm_state state,
			      const struct kvm_node *node)
{
	bool device = S_ISCHR(node->mode);

	if (state != KVM_NO_DRIVER && state != KVM_NOT_KVM && state != KVM_FAILS &&
	    state != KVM_MISSING)
		return false;
	if (state == KVM_MISSING) {
		if (!is_standard(node))
			ADVISE(t, "there is no such file; KVM's own device is " STANDARD);
		return !is_standard(node);
	}
	if (node->stat_errno)
		return false;
	if (!device)
		ADVISE(t, "it is no device file; KVM's own is " STANDARD);
	else if (node->numbers != makedev(KVM_MAJOR, KVM_MINOR) && state != KVM_FAILS)
		ADVISE(t, "it is device %u:%u, and KVM is %d:%d (" STANDARD ")",
		       major(node->numbers), minor(node->numbers), KVM_MAJOR, KVM_MINOR);
	return *t->advice;
}

void kvm_trouble(struct kvm_trouble *t, enum kvm_state state, int error,
		 const struct kvm_node *node, const struct kvm_place *place)
{
	*t = (struct kvm_trouble){ 0 };
	if (state > KVM_FAILS) /* a student's, perhaps */
		state = KVM_FAILS;
	append(t->what, sizeof(t->what), "%s", states[state].name);
	if (state == KVM_FAILS && error)
		append(t->what, sizeof(t->what), ": %s", strerror(error));
	if (node && advise_other_file(t, state, node))
		return;
	if ((state == KVM_MISSING || state == KVM_NO_DRIVER) && place)
		advise_module(t, state, place);
	else if (state == KVM_NO_PERMISSION && node && place)
		advise_permission(t, error, node, place);
	else if (state == KVM_FAILS && (error == EMFILE || error == ENFILE))
		ADVISE(t, "raise the limit on open files: ulimit -n");
	else if (state == KVM_FAILS && error == ENOMEM)
		ADVISE(t, "end other programs, or raise the limit on memory: ulimit -v");
	else
		ADVISE(t, "%s", states[state].advice);
}

void kvm_sentence(char *text, size_t size, const char *path, int err, const char *root)
{
	struct kvm_place place;
	struct kvm_trouble t;
	struct kvm_node node;

	kvm_node_look(&node, path);
	kvm_place_look(&place, root);
	kvm_trouble(&t, state_of(-err), -err, &node, &place);
	snprintf(text, size, "%s; %s", t.what, t.advice);
}
