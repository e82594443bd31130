// SPDX-License-Identifier: MIT
#include "nonce.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "show.h"

#define FLAT_BASE 0x1000 /* a flat image is linked for, and loaded at, this address */
#define IMAGE_MAX MiB(64)

/* The address of the symbol in the output of nm: lines such as `0000000000101020 d nonce`. */
static int symbol_address(const char *sym_path, const char *symbol, u64 *address)
{
	FILE *f = fopen(sym_path, "re");
	char name[128];
	unsigned long long at;
	int ret = -ENODATA, fields;

	if (!f)
		return -errno;
	while (ret && (fields = fscanf(f, "%llx %*s %127s", &at, name)) != EOF) {
		if (fields != 2) {
			ret = -EINVAL;
			break;
		}
		if (strcmp(name, symbol) == 0) {
			*address = at;
			ret = 0;
		}
	}
	fclose(f);
	return ret;
}

/* dir/NAME.elf or dir/NAME.bin -> dir/NAME.sym */
static int sym_path(const char *image, char *out, size_t n)
{
	const char *slash = strrchr(image, '/'), *dot = strrchr(slash ? slash : image, '.');
	size_t stem = dot ? (size_t)(dot - image) : strlen(image);

	return (size_t)snprintf(out, n, "%.*s.sym", (int)stem, image) < n ? 0 : -ENAMETOOLONG;
}

/* Read the whole file. The caller frees *bytes. */
static int slurp(const char *path, u8 **bytes, u64 *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (u64)st.st_size > IMAGE_MAX) {
		close(fd);
		return -EINVAL;
	}
	*bytes = malloc(st.st_size + 1);
	got = *bytes ? read(fd, *bytes, st.st_size) : -1;
	close(fd);
	if (got != st.st_size) {
		free(*bytes);
		return -EIO;
	}
	*size = got;
	return 0;
}

/* From an address to a file offset, by the loadable segment that holds these 8 bytes. */
static int segment_offset(u64 address, u64 vaddr, u64 filesz, u64 p_offset, u64 *offset)
{
	if (address < vaddr || filesz < 8 || address - vaddr > filesz - 8)
		return -EINVAL;
	*offset = p_offset + (address - vaddr);
	return 0;
}

static int elf32_offset(const u8 *bytes, u64 size, u64 address, u64 *offset)
{
	Elf32_Ehdr e;
	Elf32_Phdr p;

	if (size < sizeof(e))
		return -EINVAL;
	memcpy(&e, bytes, sizeof(e));
	for (unsigned i = 0; i < e.e_phnum; i++) {
		u64 at = e.e_phoff + (u64)i * sizeof(p);

		if (size < sizeof(p) || at > size - sizeof(p))
			return -EINVAL;
		memcpy(&p, bytes + at, sizeof(p));
		if (p.p_type == PT_LOAD &&
		    segment_offset(address, p.p_vaddr, p.p_filesz, p.p_offset, offset) == 0)
			return 0;
	}
	return -EINVAL;
}

static int elf64_offset(const u8 *bytes, u64 size, u64 address, u64 *offset)
{
	Elf64_Ehdr e;
	Elf64_Phdr p;

	if (size < sizeof(e))
		return -EINVAL;
	memcpy(&e, bytes, sizeof(e));
	for (unsigned i = 0; i < e.e_phnum; i++) {
		u64 at = e.e_phoff + (u64)i * sizeof(p);

		if (size < sizeof(p) || at > size - sizeof(p))
			return -EINVAL;
		memcpy(&p, bytes + at, sizeof(p));
		if (p.p_type == PT_LOAD &&
		    segment_offset(address, p.p_vaddr, p.p_filesz, p.p_offset, offset) == 0)
			return 0;
	}
	return -EINVAL;
}

static int file_offset(const u8 *bytes, u64 size, u64 address, u64 *offset)
{
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0) /* flat: just its bytes */
		return segment_offset(address, FLAT_BASE, size, 0, offset);
	if (size > EI_CLASS && bytes[EI_CLASS] == ELFCLASS64)
		return elf64_offset(bytes, size, address, offset);
	return elf32_offset(bytes, size, address, offset);
}

/* Read the image and find its nonce. The caller frees *bytes. */
static int load_and_find(const char *image, u8 **bytes, u64 *size, u64 *offset)
{
	static const u8 zero[8];
	char sym[PATH_MAX];
	u64 address = 0;
	int ret = sym_path(image, sym, sizeof(sym));

	*bytes = NULL;
	*size = *offset = 0;
	if (!ret)
		ret = symbol_address(sym, "nonce", &address);
	if (!ret)
		ret = slurp(image, bytes, size);
	if (ret)
		return ret;
	ret = file_offset(*bytes, *size, address, offset);
	/* Zero there, or these are the symbols of another image. */
	if (!ret && (*size < 8 || *offset > *size - 8 || memcmp(*bytes + *offset, zero, 8) != 0))
		ret = -EINVAL;
	if (ret)
		free(*bytes);
	return ret;
}

int nonce_find(const char *image, u64 *offset)
{
	u8 *bytes;
	u64 size;
	int ret = load_and_find(image, &bytes, &size, offset);

	if (!ret)
		free(bytes);
	return ret;
}

static int write_copy(const u8 *bytes, u64 size, char *out_path, size_t n)
{
	const char *dir = getenv("TMPDIR");
	int fd, ret;

	if ((size_t)snprintf(out_path, n, "%s/vmmlab-nonce-XXXXXX", dir ? dir : "/tmp") >= n)
		return -ENAMETOOLONG;
	fd = mkostemp(out_path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* The VMM may run as another user than the tests. */
	ret = write(fd, bytes, size) != (ssize_t)size || fchmod(fd, 0644) < 0 ? -EIO : 0;
	if (close(fd) < 0)
		ret = -EIO;
	if (ret)
		unlink(out_path);
	return ret;
}

int nonce_patch(const char *image, u64 nonce, char *out_path, size_t n)
{
	u8 *bytes;
	u64 size, offset;
	int ret = load_and_find(image, &bytes, &size, &offset);

	if (ret)
		return ret;
	memcpy(bytes + offset, &nonce, sizeof(nonce));
	ret = write_copy(bytes, size, out_path, n);
	free(bytes);
	return ret;
}

static u64 fresh(void)
{
	u64 nonce = 0;

	while (nonce == 0)
		if (getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
			nonce = 0;
	return nonce;
}

/* SplitMix64: what a test draws, from whichever thread, comes from its seed alone. */
static struct {
	u64 state;
	bool seeded, drawn;
} draws;

void nonce_seed(u64 seed)
{
	draws.seeded = true;
	draws.drawn = false;
	draws.state = seed;
}

bool nonce_was_drawn(void)
{
	return draws.drawn;
}

u64 nonce_random(void)
{
	u64 z;

	if (!draws.seeded)
		return fresh();
	draws.drawn = true;
	do {
		z = __atomic_add_fetch(&draws.state, 0x9e3779b97f4a7c15, __ATOMIC_RELAXED);
		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		z ^= z >> 31;
	} while (z == 0);
	return z;
}

void nonce_seal(char seal[NONCE_SEAL_SIZE])
{
	show_format(seal, NONCE_SEAL_SIZE, "%016llx%016llx", (unsigned long long)fresh(),
		    (unsigned long long)fresh());
}
