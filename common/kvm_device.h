/* SPDX-License-Identifier: MIT */
/*
 * A KVM device that does not serve: what is wrong with it, and what to do. vmx-detect, the VMMs,
 * the tests and doctor all say it in these words, so that one node never gets two answers.
 */
#ifndef KVM_DEVICE_H
#define KVM_DEVICE_H

#include <sys/types.h>

#include "types.h"

/* What a device is good for. An errno means the same at open() and at KVM_CREATE_VM. */
enum kvm_state {
	KVM_USABLE,
	KVM_MISSING,	   /* ENOENT: no such device: no module, or no virtualization */
	KVM_NO_PERMISSION, /* EACCES, EPERM: it is there, but not for this user */
	KVM_BUSY,	   /* EBUSY: another hypervisor has the CPU */
	KVM_NO_DRIVER,	   /* ENODEV, ENXIO: a device file with nothing behind it */
	KVM_NOT_KVM,	   /* it opens, but does not know KVM_GET_API_VERSION */
	KVM_OTHER_VERSION, /* not 12: so old that nothing else can be relied on */
	KVM_LACKING,	   /* a capability that lab 02 needs is missing */
	KVM_FAILS,	   /* any other error */
};

/* One of a user's groups: does this process have it, and will a new log-in (/etc/group)? */
struct kvm_member {
	bool now, listed;
};

/* The file at path, as stat(2) and the group database describe it to the one who asks. */
struct kvm_node {
	const char *path;
	int stat_errno;	 /* of stat(); 0: the rest is known */
	mode_t mode;	 /* with the file's type */
	dev_t numbers;	 /* st_rdev */
	uid_t uid, euid; /* its owner; who asks */
	gid_t gid;
	char owner[33], group[33], user[33]; /* names; a number, or "" for user, has none */
	bool group_named, kvm_group;	     /* has gid a name; is there a group called kvm? */
	bool nodev;			     /* its file system holds no devices */
	struct kvm_member in_group, in_kvm;
};

/* The machine, as far as it decides what helps. */
struct kvm_place {
	bool vmx, svm;	       /* the CPU can: CPUID or /proc/cpuinfo says so */
	bool off;	       /* CPUID has it, and the kernel has dropped it: firmware */
	bool guest;	       /* a hypervisor is below */
	bool wsl2;	       /* a guest of Windows */
	bool udev;	       /* it makes the device files */
	bool root;	       /* who asks needs no sudo */
	const char *cpuinfo;   /* which of "vmx" and "svm" /proc/cpuinfo lists; or "" */
	const char *container; /* "docker"...; NULL: none that can be seen */
};

/* Look at a node; and at the machine whose files are below root ("": this one). */
void kvm_node_look(struct kvm_node *node, const char *path);
void kvm_place_look(struct kvm_place *place, const char *root);

/* "usable", "no permission"... */
const char *kvm_state_name(enum kvm_state state);

/* What is wrong, and what to do. Together they are one sentence: "WHAT; ADVICE". */
struct kvm_trouble {
	char what[160], advice[600];
};

/*
 * The table. error is the errno behind the state, 0 if there was none. Without node or place (NULL:
 * a dump of another machine) the advice is a general one.
 */
void kvm_trouble(struct kvm_trouble *t, enum kvm_state state, int error,
		 const struct kvm_node *node, const struct kvm_place *place);

#define KVM_SENTENCE_MAX 800

/*
 * The sentence for a negative errno, as vm_init() gives it: of open() or an ioctl; -ENOTTY: no KVM,
 * -EPROTO: another API version, -EOPNOTSUPP: a capability is missing. It looks at the node at path
 * and at the machine below root.
 */
void kvm_sentence(char *text, size_t size, const char *path, int err, const char *root);

#endif
