// SPDX-License-Identifier: GPL-2.0-only
/* Where in a kernel image the kernel is. Every offset in it may be wrong. */
#define _GNU_SOURCE
#include <string.h>

#include "image.h"
#include "image_formats.h"
#include "unpack.h"
#include "util.h"

static bool bytes_at(const void *data, size_t size, uint64_t off, const void *want, size_t len)
{
	return in_range(off, len, size) && !memcmp((const char *)data + off, want, len);
}

/* Documentation/arch/x86/boot.rst */
static bool find_x86(const char *p, size_t size, struct payload *at, const char **banner)
{
	unsigned int sectors;
	size_t version;

	if (!bytes_at(p, size, 0x1fe, "\x55\xaa", 2) || !bytes_at(p, size, 0x202, "HdrS", 4) ||
	    size < 0x250)
		return false;
	sectors = (unsigned char)p[0x1f1] ?: 4;
	version = get_le16(p + 0x20e) + 0x200;
	if (get_le16(p + 0x20e) && version < size)
		*banner = p + version;
	/* Before 2.08 it did not say: then there is no BTF, either. */
	if (get_le16(p + 0x206) < 0x208)
		return true;
	at->off = (uint64_t)get_le32(p + 0x248) + (sectors + 1) * 512;
	at->len = get_le32(p + 0x24c);
	at->size_follows = true;
	return true;
}

/* drivers/firmware/efi/libstub/zboot-header.S: what it calls its size has no size behind it. */
static bool find_zboot(const char *p, size_t size, struct payload *at)
{
	if (size < 64 || memcmp(p, "MZ", 2) || memcmp(p + 4, "zimg", 4))
		return false;
	at->off = get_le32(p + 8);
	at->len = get_le32(p + 12);
	return true;
}

bool next_payload(const void *data, size_t size, struct payload *at)
{
	const char *p = data, *packed;
	size_t off;

	/* It is nearly all of the file. */
	for (off = at->off + 1; off < size / 2; off++) {
		packed = packed_by(p + off, size - off);
		/* What lzma begins with is in every other place. No such kernel is known. */
		if (!packed || !strcmp(packed, "lzma"))
			continue;
		at->off = off;
		at->len = size - off;
		return true;
	}
	return false;
}

/*
 * arch/s390/boot/head.S. The parameter area has the address of the version, and the
 * image is loaded to 0; where the payload is, nothing says.
 */
static bool find_s390x(const char *p, size_t size, struct payload *at, const char **banner)
{
	const size_t area = 0x10400;
	uint64_t version;

	if (!bytes_at(p, size, 0x10008, "S390EP", 6) || size < area + 0x100)
		return false;
	version = (uint64_t)get_be32(p + area + 0x28) << 32 | get_be32(p + area + 0x2c);
	if (version && version < size)
		*banner = p + version;
	at->off = area;
	at->len = size - area;
	at->flat = true;
	at->end_unknown = true;
	return next_payload(p, size, at);
}

const char *find_payload(const void *data, size_t size, struct payload *at, const char **banner)
{
	memset(at, 0, sizeof(*at));
	*banner = NULL;
	if (find_x86(data, size, at, banner))
		return "bzImage";
	if (find_zboot(data, size, at))
		return "EFI zboot image";
	if (find_s390x(data, size, at, banner))
		return "s390x bzImage";
	return NULL;
}

bool is_flat_image(const void *data, size_t size)
{
	/* Documentation/arch/arm64/booting.rst, Documentation/arch/riscv/boot-image-header.rst */
	return bytes_at(data, size, 56, "ARM\x64", 4) || bytes_at(data, size, 56, "RSC\x05", 4);
}

bool pe_section(const void *data, size_t size, const char *name, struct payload *at)
{
	const char *p = data;
	uint64_t pe, table;
	unsigned int i, n;
	char want[8] = "";

	memcpy(want, name, strnlen(name, sizeof(want)));
	if (size < 64 || memcmp(p, "MZ", 2))
		return false;
	pe = get_le32(p + 0x3c);
	if (!bytes_at(p, size, pe, "PE\0", 4) || !in_range(pe, 24, size))
		return false;
	n = get_le16(p + pe + 6);
	table = pe + 24 + get_le16(p + pe + 20);
	for (i = 0; i < n && in_range(table + i * 40, 40, size); i++) {
		const char *s = p + table + i * 40;
		uint32_t in_memory = get_le32(s + 8), in_file = get_le32(s + 16);

		if (memcmp(s, want, sizeof(want)))
			continue;
		memset(at, 0, sizeof(*at));
		at->off = get_le32(s + 20);
		at->len = in_memory && in_memory < in_file ? in_memory : in_file;
		return at->len && in_range(at->off, at->len, size);
	}
	return false;
}

static uint32_t get_u32(const void *p, bool big)
{
	return big ? get_be32(p) : get_le32(p);
}

size_t btf_length(const void *data, size_t size)
{
	/* Magic 0xeb9f, version 1, no flags */
	bool big = bytes_at(data, size, 0, "\xeb\x9f\1\0", 4);
	uint64_t hdr, off, len, end, types_end;
	const char *p = data;

	if ((!big && !bytes_at(data, size, 0, "\x9f\xeb\1\0", 4)) || size < 24)
		return 0;
	hdr = get_u32(p + 4, big);
	if (hdr < 24 || hdr % 4 || hdr > size)
		return 0;
	types_end = hdr + (uint64_t)get_u32(p + 8, big) + get_u32(p + 12, big);
	off = hdr + (uint64_t)get_u32(p + 16, big);
	len = get_u32(p + 20, big);
	if (types_end > size || !len || !in_range(off, len, size) || p[off] || p[off + len - 1])
		return 0;
	end = off + len > types_end ? off + len : types_end;
	/* Newer ones may have the layout of the kinds behind that. */
	if (hdr >= 32) {
		uint64_t layout = get_u32(p + 28, big);

		off = hdr + (uint64_t)get_u32(p + 24, big);
		if (layout && in_range(off, layout, size) && off + layout > end)
			end = off + layout;
	}
	return end;
}

bool find_btf(const void *data, size_t size, size_t *off, size_t *len)
{
	const char *p = data;
	size_t i, n;

	*len = 0;
	/* The linker script aligns it. Of several, the kernel's is the longest by far. */
	for (i = 0; i + 24 <= size; i += 4) {
		if ((unsigned char)p[i] != 0x9f && (unsigned char)p[i] != 0xeb)
			continue;
		n = btf_length(p + i, size - i);
		if (n > *len) {
			*off = i;
			*len = n;
		}
	}
	return *len;
}

size_t last_build_id(const void *data, size_t end, unsigned char *id)
{
	static const char little[] = "\4\0\0\0\x14\0\0\0\3\0\0\0GNU";
	static const char big[] = "\0\0\0\4\0\0\0\x14\0\0\0\3GNU";
	size_t off;

	if (end < 36)
		return 0;
	for (off = (end - 36) & ~(size_t)3; off; off -= 4)
		if (bytes_at(data, end, off, little, sizeof(little)) ||
		    bytes_at(data, end, off, big, sizeof(big)))
			return notes_build_id((const char *)data + off, 36, id);
	return 0;
}
