// SPDX-License-Identifier: GPL-2.0-only
/* Compressed files: libarchive's filters with its "raw" format. */
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "unpack.h"
#include "unpack_stream.h"
#include "util.h"

static const struct packer {
	const char *name;
	size_t len;
	unsigned char magic[6];
	int (*support)(struct archive *a);
} packers[] = {
	{ "gzip", 3, { 0x1f, 0x8b, 8 }, archive_read_support_filter_gzip },
	{ "bzip2", 3, "BZh", archive_read_support_filter_bzip2 },
	{ "xz", 6, { 0xfd, '7', 'z', 'X', 'Z', 0 }, archive_read_support_filter_xz },
	{ "zstd", 4, { 0x28, 0xb5, 0x2f, 0xfd }, archive_read_support_filter_zstd },
	{ "lz4", 4, { 0x04, 0x22, 0x4d, 0x18 }, archive_read_support_filter_lz4 },
	/* the legacy format */
	{ "lz4", 4, { 0x02, 0x21, 0x4c, 0x18 }, archive_read_support_filter_lz4 },
	/* its properties, and a dictionary of a multiple of 64 KiB */
	{ "lzma", 3, { 0x5d, 0, 0 }, archive_read_support_filter_lzma },
	{ "lzo", 4, { 0x89, 'L', 'Z', 'O' }, NULL },
};

static const struct packer *find_packer(const void *data, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(packers) / sizeof(*packers); i++)
		if (size > packers[i].len && !memcmp(data, packers[i].magic, packers[i].len))
			return &packers[i];
	return NULL;
}

const char *packed_by(const void *data, size_t size)
{
	const struct packer *packer = find_packer(data, size);

	return packer ? packer->name : NULL;
}

/* What libarchive says of it; of xz that is cut off, "No progress is possible". */
static const char *why(struct archive *a)
{
	const char *s = archive_error_string(a) ?: "damaged";

	return strstr(s, "No progress") ? "cut off, or damaged" : s;
}

struct archive *unpack_open(const void *in, size_t in_size, char *err, size_t errlen)
{
	const struct packer *packer = find_packer(in, in_size);
	struct archive_entry *entry;
	struct archive *a;

	if (!packer) {
		set_error(err, errlen, "is not compressed in a known way");
		return NULL;
	}
	a = archive_read_new();
	if (!a) {
		set_error(err, errlen, "out of memory");
		return NULL;
	}
	/* ARCHIVE_WARN: it would run a program. */
	if (!packer->support || packer->support(a) != ARCHIVE_OK) {
		set_error(err, errlen, "is compressed with %s, which libarchive cannot read here",
			  packer->name);
	} else {
		archive_read_support_format_raw(a);
		if (archive_read_open_memory(a, in, in_size) == ARCHIVE_OK &&
		    archive_read_next_header(a, &entry) == ARCHIVE_OK)
			return a;
		set_error(err, errlen, "cannot be unpacked: %s", why(a));
	}
	archive_read_free(a);
	return NULL;
}

size_t unpack_end(const void *from, size_t used, size_t size)
{
	const unsigned char *p = from;
	size_t end;

	if (strcmp(packed_by(from, size) ?: "", "xz"))
		return used;
	/*
	 * liblzma has looked at what follows before libarchive says what was used. So look for
	 * the stream's footer: the size of the index before it, the flags that the header has,
	 * "YZ". The index begins with a 0.
	 */
	for (end = used > 24 ? used : 24; end <= size; end++) {
		uint64_t index;

		if (p[end - 1] != 'Z' || p[end - 2] != 'Y' || memcmp(p + end - 4, p + 6, 2))
			continue;
		index = ((uint64_t)get_le32(p + end - 8) + 1) * 4;
		if (index + 24 <= end && !p[end - 12 - index])
			return end;
	}
	return used;
}

/* As unpack(). @used is set to how many bytes of @in libarchive has used, also if it fails. */
static int unpack_used(const void *in, size_t in_size, size_t limit, void **out,
		       size_t *out_size, size_t *used, char *err, size_t errlen)
{
	struct archive *a = unpack_open(in, in_size, err, errlen);
	size_t len = 0, cap;
	char *buf, more;
	ssize_t n;

	*used = 0;
	if (!a)
		return -1;
	/* Kernels and modules pack to a quarter or so. */
	cap = in_size < limit / 6 ? in_size * 6 : limit;
	buf = xmalloc(cap);
	while ((n = archive_read_data(a, buf + len, cap - len)) > 0) {
		len += n;
		if (len == cap && cap < limit) {
			cap = cap < limit / 2 ? cap * 2 : limit;
			buf = xrealloc(buf, cap);
		} else if (len == cap) {
			n = archive_read_data(a, &more, 1);
			break;
		}
	}
	if (n > 0)
		set_error(err, errlen, "unpacks to more than %zu MiB", limit >> 20);
	else if (n < 0)
		set_error(err, errlen, "cannot be unpacked: %s", why(a));
	*used = archive_filter_bytes(a, -1);
	archive_read_free(a);
	if (n) {
		free(buf);
		return -1;
	}
	*out = buf;
	*out_size = len;
	return 0;
}

int unpack(const void *in, size_t in_size, size_t limit, void **out, size_t *out_size,
	   char *err, size_t errlen)
{
	size_t used;

	return unpack_used(in, in_size, limit, out, out_size, &used, err, errlen);
}

int unpack_first(const void *in, size_t in_size, size_t limit, void **out, size_t *out_size,
		 char *err, size_t errlen)
{
	size_t used, end;

	if (!unpack_used(in, in_size, limit, out, out_size, &used, err, errlen))
		return 0;
	/* It may have failed behind the stream, where something else begins. */
	end = used <= in_size ? unpack_end(in, used, in_size) : 0;
	if (!end || end == in_size)
		return -1;
	return unpack_used(in, end, limit, out, out_size, &used, err, errlen);
}

int read_unpacked(const char *path, size_t limit, void **data, size_t *size, char *err,
		  size_t errlen)
{
	void *raw;
	size_t raw_size;
	int ret;

	if (read_plain(path, limit, &raw, &raw_size, err, errlen))
		return -1;
	if (!packed_by(raw, raw_size)) {
		*data = raw;
		*size = raw_size;
		return 0;
	}
	ret = unpack(raw, raw_size, limit, data, size, err, errlen);
	free(raw);
	return ret;
}
