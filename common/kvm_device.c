// SPDX-License-Identifier: MIT
/* Looking at a KVM device and at the machine that it is in. */
#include "kvm_device.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

#define GROUPS_MAX 256

static bool has_group(const gid_t *list, int n, gid_t gid)
{
	for (int i = 0; i < n; i++) {
		if (list[i] == gid)
			return true;
	}
	return false;
}

/* What this process has, and what its user gets at the next log-in. */
static struct kvm_member member(const char *user, gid_t gid)
{
	struct kvm_member m = { .now = getegid() == gid };
	const struct passwd *pw = *user ? getpwnam(user) : NULL;
	gid_t list[GROUPS_MAX];
	int n = getgroups(GROUPS_MAX, list);

	m.now |= has_group(list, n, gid);
	n = GROUPS_MAX;
	if (pw && getgrouplist(user, pw->pw_gid, list, &n) >= 0)
		m.listed = has_group(list, n, gid);
	return m;
}

static void name_of_user(char *name, size_t size, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw)
		snprintf(name, size, "%s", pw->pw_name);
}

void kvm_node_look(struct kvm_node *node, const char *path)
{
	const struct group *group;
	struct statvfs fs;
	struct stat st;

	*node = (struct kvm_node){ .path = path, .euid = geteuid() };
	name_of_user(node->user, sizeof(node->user), node->euid);
	if (stat(path, &st)) {
		node->stat_errno = errno;
		return;
	}
	node->mode = st.st_mode;
	node->numbers = st.st_rdev;
	node->uid = st.st_uid;
	node->gid = st.st_gid;
	node->nodev = !statvfs(path, &fs) && (fs.f_flag & ST_NODEV);
	snprintf(node->owner, sizeof(node->owner), "%u", (unsigned)st.st_uid);
	name_of_user(node->owner, sizeof(node->owner), st.st_uid);
	group = getgrgid(st.st_gid);
	node->group_named = group;
	if (group)
		snprintf(node->group, sizeof(node->group), "%s", group->gr_name);
	else
		snprintf(node->group, sizeof(node->group), "%u", (unsigned)st.st_gid);
	node->in_group = member(node->user, st.st_gid);
	group = getgrnam("kvm");
	node->kvm_group = group;
	if (group)
		node->in_kvm = member(node->user, group->gr_gid);
}

/* The beginning of a file below root, as text; "" if it cannot be read. */
static void read_text(const char *root, const char *name, char *text, size_t size)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, name);
	f = fopen(path, "re");
	text[f ? fread(text, 1, size - 1, f) : 0] = 0;
	if (f)
		fclose(f);
}

static bool exists(const char *root, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return access(path, F_OK) == 0;
}

static const char *container(const char *root)
{
	static const char *const names[] = { "docker", "kubepods", "lxc", "containerd" };
	char text[4096];

	if (exists(root, "/.dockerenv"))
		return "docker";
	if (exists(root, "/run/.containerenv"))
		return "podman";
	read_text(root, "/proc/1/cgroup", text, sizeof(text));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strstr(text, names[i]))
			return names[i];
	}
	return NULL;
}

/* Is the word among the flags of the first CPU in /proc/cpuinfo? */
static bool has_flag(const char *cpuinfo, const char *word)
{
	const char *line = strstr(cpuinfo, "\nflags");
	size_t len = strlen(word);

	if (!line)
		return false;
	for (const char *p = line + 1, *end = p + strcspn(p, "\n"); p < end;
	     p += strcspn(p, " \n")) {
		p += *p == ' ';
		if (!strncmp(p, word, len) && strchr(" \n", p[len]))
			return true;
	}
	return false;
}

/* What the CPU itself says; Linux drops a flag that the firmware has switched off. */
static void ask_cpu(struct kvm_place *place)
{
#ifdef __x86_64__
	unsigned a, b, c, d;
	bool vmx = false, svm = false;

	if (__get_cpuid(1, &a, &b, &c, &d)) {
		vmx = c >> 5 & 1;
		place->guest |= c >> 31;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		svm = c >> 2 & 1;
	place->off = (vmx && !place->vmx) || (svm && !place->svm);
	place->vmx |= vmx;
	place->svm |= svm;
#endif
}

void kvm_place_look(struct kvm_place *place, const char *root)
{
	char text[16384] = "\n", kernel[128];

	*place = (struct kvm_place){ .container = container(root),
				     .udev = exists(root, "/run/udev/control"),
				     .root = !geteuid() };
	read_text(root, "/proc/cpuinfo", text + 1, sizeof(text) - 1);
	place->vmx = has_flag(text, "vmx");
	place->svm = has_flag(text, "svm");
	place->guest = has_flag(text, "hypervisor");
	place->cpuinfo = place->svm ? "svm" : place->vmx ? "vmx" : "";
	if (!*root)
		ask_cpu(place);
	read_text(root, "/proc/sys/kernel/osrelease", kernel, sizeof(kernel));
	for (char *p = kernel; *p; p++)
		*p = tolower((unsigned char)*p);
	place->wsl2 = strstr(kernel, "microsoft") && strstr(kernel, "wsl2");
}
