// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel images: from the bytes of a file to the kernel inside, and what that says.
 * Where in each format the kernel is, image_formats.c knows.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "image.h"
#include "image_formats.h"
#include "unpack.h"
#include "util.h"

/* A unified kernel image with a zboot image with an ELF file: and one more. */
#define NESTED_MAX	4
#define BANNER		"Linux version "
#define BANNER_MAX	1024
#define TRIES_MAX	100

/* Of one image_read(). */
struct reader {
	struct image *img;
	bool peek;		/* unpack nothing */
	char *err;
	size_t errlen;
};

static void *copy(const void *data, size_t size)
{
	char *ret = xmalloc(size + 1);

	memcpy(ret, data, size);
	ret[size] = '\0';
	return ret;
}

static void set_format(struct image *img, const char *format)
{
	/* The outermost counts. */
	if (!img->format)
		img->format = format;
}

/*
 * Release and version out of "RELEASE (BY@HOST) (COMPILER) #1 VERSION", which ends with the
 * line. Return: false if it is not that, or has no number: the build's first, unused.
 */
static bool take_banner(struct image *img, const char *s, size_t max)
{
	size_t len = strnlen(s, max < BANNER_MAX ? max : BANNER_MAX), i, space;
	const char *end = memchr(s, '\n', len), *version = NULL, *p;

	if (end)
		len = end - s;
	p = memchr(s, ' ', len);
	if (!p || p == s)
		return false;
	space = p - s;
	for (i = space; i + 3 < len; i++)
		if (!memcmp(s + i, ") #", 3) && isdigit((unsigned char)s[i + 3]))
			version = s + i + 2;
	for (i = 0; i < len; i++)
		if (!isprint((unsigned char)s[i]))
			return false;
	if (!version)
		return false;
	if (!img->release)
		img->release = strndup(s, space);
	if (!img->version)
		img->version = strndup(version, s + len - version);
	return true;
}

static void find_banner(struct image *img, const char *data, size_t size)
{
	const char *p = data, *end = data + size;

	while (!(img->release && img->version)) {
		p = memmem(p, end - p, BANNER, strlen(BANNER));
		if (!p)
			break;
		p += strlen(BANNER);
		take_banner(img, p, end - p);
	}
}

size_t notes_build_id(const void *notes, size_t size, unsigned char id[BUILD_ID_MAX])
{
	const unsigned char *p = notes;
	uint64_t off = 0;

	while (in_range(off, 12, size)) {
		uint32_t name = get_le32(p + off), desc = get_le32(p + off + 4);
		uint32_t type = get_le32(p + off + 8);
		uint64_t desc_off;

		/* Lengths are small; of the other byte order, they are not. */
		if (name > 0xffff || (!name && desc > 0xffff)) {
			name = get_be32(p + off);
			desc = get_be32(p + off + 4);
			type = get_be32(p + off + 8);
		}
		desc_off = off + 12 + (((uint64_t)name + 3) & ~3ULL);
		if (!in_range(desc_off, desc, size))
			break;
		if (type == 3 && name == 4 && !memcmp(p + off + 12, "GNU", 4) && desc &&
		    desc <= BUILD_ID_MAX) {
			memcpy(id, p + desc_off, desc);
			return desc;
		}
		off = desc_off + (((uint64_t)desc + 3) & ~3ULL);
	}
	return 0;
}

static int take_btf(struct reader *r, const void *btf, size_t size)
{
	size_t len = btf_length(btf, size);

	if (!len)
		return set_error(r->err, r->errlen, "has BTF with a damaged header");
	r->img->btf = copy(btf, len);
	r->img->btf_size = len;
	return 0;
}

/* The kernel as memory holds it, without anything that says where is what. */
static int read_flat(struct reader *r, const char *data, size_t size)
{
	size_t off, len;

	find_banner(r->img, data, size);
	if (!find_btf(data, size, &off, &len)) {
		if (r->img->release)
			return 0;
		return set_error(r->err, r->errlen, "has no kernel in it");
	}
	r->img->build_id_len = last_build_id(data, off, r->img->build_id);
	return take_btf(r, data + off, len);
}

static int read_any(struct reader *r, const void *data, size_t size, unsigned int depth);

/* @off and @len: where in @data the kernel is, compressed or not */
static int read_payload(struct reader *r, const char *data, const struct payload *at,
			unsigned int depth)
{
	const char *packed = packed_by(data + at->off, at->len);
	size_t size, len = at->len;
	void *kernel;
	int ret;

	if (r->peek)
		return 0;
	if (!packed)
		return read_any(r, data + at->off, len, depth);
	/* The build appends its size, unless the format has that at its end anyway. */
	if (at->size_follows && strcmp(packed, "gzip")) {
		if (len <= 4)
			return set_error(r->err, r->errlen, "is cut off");
		len -= 4;
	}
	if (at->end_unknown)
		ret = unpack_first(data + at->off, len, UNPACK_LIMIT, &kernel, &size, r->err,
				   r->errlen);
	else
		ret = unpack(data + at->off, len, UNPACK_LIMIT, &kernel, &size, r->err, r->errlen);
	if (ret)
		return -1;
	if (at->flat)
		ret = read_flat(r, kernel, size);
	else
		ret = read_any(r, kernel, size, depth);
	free(kernel);
	return ret;
}

static int read_elf(struct reader *r, const char *data, size_t size, unsigned int depth)
{
	enum { BTF, NOTES, BUILD_ID, PAYLOAD, N };
	struct elf_section s[N] = {
		[BTF] = { .name = ".BTF" }, [NOTES] = { .name = ".notes" },
		[BUILD_ID] = { .name = ".note.gnu.build-id" },
		/* ppc64's zImage: arch/powerpc/boot/wrapper */
		[PAYLOAD] = { .name = ".kernel:vmlinux.strip" },
	};
	struct image *img = r->img;

	if (elf_find_sections(data, size, s, N, r->err, r->errlen))
		return -1;
	if (s[PAYLOAD].size) {
		struct payload at = { .off = (const char *)s[PAYLOAD].data - data,
				      .len = s[PAYLOAD].size };

		set_format(img, "zImage");
		return read_payload(r, data, &at, depth);
	}
	set_format(img, "vmlinux");
	find_banner(img, data, size);
	img->build_id_len = notes_build_id(s[NOTES].data, s[NOTES].size, img->build_id);
	if (!img->build_id_len)
		img->build_id_len = notes_build_id(s[BUILD_ID].data, s[BUILD_ID].size,
						   img->build_id);
	if (s[BTF].size)
		return r->peek ? 0 : take_btf(r, s[BTF].data, s[BTF].size);
	if (!img->release)
		return set_error(r->err, r->errlen,
				 "is an ELF file, but has neither a kernel nor BTF");
	return 0;
}

static char *section_text(const char *data, const struct payload *at)
{
	size_t len = strnlen(data + at->off, at->len);

	while (len && isspace((unsigned char)data[at->off + len - 1]))
		len--;
	return strndup(data + at->off, len);
}

static int read_uki(struct reader *r, const char *data, size_t size, unsigned int depth)
{
	struct image *img = r->img;
	struct payload linux_at, at;

	if (!pe_section(data, size, ".linux", &linux_at))
		return set_error(r->err, r->errlen, "is an EFI program without a kernel");
	set_format(img, "unified kernel image");
	/* Only the outermost has them. */
	if (depth > 1)
		return set_error(r->err, r->errlen, "has a unified kernel image inside another");
	if (pe_section(data, size, ".uname", &at))
		img->release = section_text(data, &at);
	if (pe_section(data, size, ".osrel", &at))
		img->os_release = section_text(data, &at);
	if (pe_section(data, size, ".cmdline", &at))
		img->cmdline = section_text(data, &at);
	if (pe_section(data, size, ".initrd", &at)) {
		img->initrd = copy(data + at.off, at.len);
		img->initrd_size = at.len;
	}
	return read_any(r, data + linux_at.off, linux_at.len, depth);
}

static int read_any(struct reader *r, const void *data, size_t size, unsigned int depth)
{
	const char *format, *banner;
	unsigned int tries = 0;
	struct payload at = { };

	if (++depth > NESTED_MAX)
		return set_error(r->err, r->errlen, "has images nested too deeply");
	if (btf_length(data, size)) {
		set_format(r->img, "BTF");
		return r->peek ? 0 : take_btf(r, data, size);
	}
	if (is_elf(data, size))
		return read_elf(r, data, size, depth);
	if (packed_by(data, size)) {
		at.len = size;
		set_format(r->img, "compressed");
		return read_payload(r, data, &at, depth);
	}
	format = find_payload(data, size, &at, &banner);
	if (format) {
		set_format(r->img, format);
		if (banner)
			take_banner(r->img, banner, (const char *)data + size - banner);
		if (!in_range(at.off, at.len, size) || !at.len)
			return set_error(r->err, r->errlen, "is a damaged or cut off %s", format);
		while (read_payload(r, data, &at, depth)) {
			/* The decompressor has such bytes in it, too: a few, and not many. */
			if (!at.end_unknown || ++tries == TRIES_MAX ||
			    !next_payload(data, size, &at))
				return -1;
		}
		return 0;
	}
	if (is_flat_image(data, size)) {
		set_format(r->img, "Image");
		return r->peek ? 0 : read_flat(r, data, size);
	}
	if (size > 2 && !memcmp(data, "MZ", 2))
		return read_uki(r, data, size, depth);
	return set_error(r->err, r->errlen, size ? "is not a kernel image or BTF" : "is empty");
}

static int read_memory(const void *data, size_t size, bool peek, struct image *img, char *err,
		       size_t errlen)
{
	struct reader r = { .img = img, .peek = peek, .err = err, .errlen = errlen };

	memset(img, 0, sizeof(*img));
	if (!read_any(&r, data, size, 0))
		return 0;
	image_free(img);
	return -1;
}

static int read_path(const char *path, bool peek, struct image *img, char *err, size_t errlen)
{
	size_t size;
	void *data;
	int ret;

	memset(img, 0, sizeof(*img));
	if (read_plain(path, UNPACK_LIMIT, &data, &size, err, errlen))
		return -1;
	ret = read_memory(data, size, peek, img, err, errlen);
	free(data);
	return ret;
}

int image_read(const char *path, struct image *img, char *err, size_t errlen)
{
	return read_path(path, false, img, err, errlen);
}

int image_read_memory(const void *data, size_t size, struct image *img, char *err, size_t errlen)
{
	return read_memory(data, size, false, img, err, errlen);
}

int image_peek(const char *path, struct image *img, char *err, size_t errlen)
{
	return read_path(path, true, img, err, errlen);
}

/* image_free() - free what image_read() and its like have put into it, not the struct */
void image_free(struct image *img)
{
	free(img->release);
	free(img->version);
	free(img->btf);
	free(img->initrd);
	free(img->os_release);
	free(img->cmdline);
	memset(img, 0, sizeof(*img));
}
