// SPDX-License-Identifier: GPL-2.0-only
/*
 * The archives that an initramfs is made of.
 *
 * The cpio format ("newc", Documentation/driver-api/early-userspace/buffer-format.rst) is
 * read here: libarchive's reader does not say where in a compressed stream an archive
 * ended, and the next one begins there.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <archive.h>

#include "initramfs.h"
#include "unpack.h"
#include "unpack_stream.h"
#include "util.h"

#define HEADER_LEN	110
#define NAME_MAX_LEN	4096
#define TRAILER		"TRAILER!!!"
#define PACKED_LIMIT	((size_t)1 << 30)
#define ZEROS_MAX	(64 << 20)

struct initramfs {
	const unsigned char *data;	/* the packed file */
	size_t size, pos;
	struct archive *unpacker;	/* of the segment at @pos, NULL if it is not compressed */
	bool shortened;			/* the unpacker was told where the segment ends */
	uint64_t given;			/* bytes of the segment that the unpacker has given */
	uint64_t left;			/* bytes of the member that are not read yet, */
	unsigned int pad;		/* and zeros behind it */
	char *err;
	size_t errlen;
};

/*
 * Something that is no stream follows the stream, and libarchive has given up: and with
 * it the last bytes before. Unpack the stream alone, up to where we were.
 */
static bool shorten(struct initramfs *fs)
{
	const unsigned char *from = fs->data + fs->pos;
	size_t end = archive_filter_bytes(fs->unpacker, -1);
	uint64_t skip = fs->given;
	char buf[4096];
	ssize_t n;

	if (fs->shortened || end > fs->size - fs->pos)
		return false;
	end = unpack_end(from, end, fs->size - fs->pos);
	archive_read_free(fs->unpacker);
	fs->unpacker = unpack_open(from, end, NULL, 0);
	fs->shortened = true;
	while (fs->unpacker && skip) {
		n = archive_read_data(fs->unpacker, buf, skip < sizeof(buf) ? skip : sizeof(buf));
		if (n <= 0)
			return false;
		skip -= n;
	}
	return fs->unpacker;
}

/* Up to @len bytes of the segment; into nowhere if @buf is NULL. Return: how many; -1 */
static ssize_t get(struct initramfs *fs, void *buf, size_t len)
{
	char nowhere[16384];
	size_t got = 0;

	if (!fs->unpacker && fs->pos < fs->size) {
		got = len < fs->size - fs->pos ? len : fs->size - fs->pos;
		if (buf)
			memcpy(buf, fs->data + fs->pos, got);
		fs->pos += got;
		return got;
	}
	while (fs->unpacker && got < len) {
		size_t want = len - got;
		ssize_t n;

		if (!buf && want > sizeof(nowhere))
			want = sizeof(nowhere);
		n = archive_read_data(fs->unpacker, buf ? (char *)buf + got : nowhere, want);
		if (n < 0 && shorten(fs))
			continue;
		if (n < 0)
			return set_error(fs->err, fs->errlen, "cannot be unpacked: %s",
					 fs->unpacker ? archive_error_string(fs->unpacker) ?:
					 "damaged" : "damaged");
		if (!n)
			break;
		got += n;
		fs->given += n;
	}
	return got;
}

/* All of @len bytes. Return: 0, or -1 */
static int get_all(struct initramfs *fs, void *buf, uint64_t len)
{
	while (len) {
		size_t want = len < (size_t)1 << 30 ? len : (size_t)1 << 30;
		ssize_t n = get(fs, buf, want);

		if (n < 0)
			return -1;
		if ((size_t)n < want)
			return set_error(fs->err, fs->errlen, "ends inside an archive");
		if (buf)
			buf = (char *)buf + n;
		len -= n;
	}
	return 0;
}

static int hex_field(const char *header, unsigned int field, unsigned long *value)
{
	const char *p = header + 6 + 8 * field;
	unsigned int i;

	*value = 0;
	for (i = 0; i < 8; i++) {
		char c = p[i] | 0x20;

		if (p[i] >= '0' && p[i] <= '9')
			*value = *value << 4 | (p[i] - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (c - 'a' + 10);
		else
			return -1;
	}
	return 0;
}

/* The rest of a header whose first byte is in @header already, and its name. */
static int get_header(struct initramfs *fs, char *header, char *name, struct initramfs_member *m)
{
	unsigned long mode, size, name_len;

	if (get_all(fs, header + 1, HEADER_LEN - 1))
		return -1;
	/* With checksums, which the kernel does not compare, or without. */
	if ((memcmp(header, "070701", 6) && memcmp(header, "070702", 6)) ||
	    hex_field(header, 1, &mode) || hex_field(header, 6, &size) ||
	    hex_field(header, 11, &name_len))
		return set_error(fs->err, fs->errlen, "has a damaged header");
	if (!name_len || name_len > NAME_MAX_LEN)
		return set_error(fs->err, fs->errlen, "has a name of %lu bytes", name_len);
	if (get_all(fs, name, name_len))
		return -1;
	if (name[name_len - 1])
		return set_error(fs->err, fs->errlen, "has a name without an end");
	/* The header begins at a multiple of 4, and so does what follows its name. */
	if (get_all(fs, NULL, -(HEADER_LEN + name_len) & 3))
		return -1;
	m->mode = mode;
	m->size = size;
	fs->left = size;
	fs->pad = -size & 3;
	return 0;
}

/* Skip zeros. Return: 1 and the first other byte in @first; 0 at the segment's end; -1 */
static int skip_zeros(struct initramfs *fs, char *first)
{
	size_t zeros = 0;
	ssize_t n;

	do {
		/* Archives are apart by a page or so; packed zeros without end cost nothing. */
		if (zeros++ > ZEROS_MAX)
			return set_error(fs->err, fs->errlen, "has too many zeros");
		/* The next segment may be compressed: its first byte stays where it is. */
		if (!fs->unpacker && fs->pos < fs->size && fs->data[fs->pos] &&
		    fs->data[fs->pos] != '0')
			return 0;
		n = get(fs, first, 1);
	} while (n > 0 && !*first);
	return n;
}

/* The archives of one segment. Return: as initramfs_walk() */
static int walk_segment(struct initramfs *fs, initramfs_fn fn, void *arg)
{
	char header[HEADER_LEN], name[NAME_MAX_LEN];
	struct initramfs_member m = { .archive = fs };
	int ret;

	while ((ret = skip_zeros(fs, header)) > 0) {
		ret = get_header(fs, header, name, &m);
		if (ret)
			return ret;
		m.path = name;
		while (!strncmp(m.path, "./", 2) || *m.path == '/')
			m.path += *m.path == '/' ? 1 : 2;
		if (strcmp(name, TRAILER)) {
			ret = fn(&m, arg);
			if (ret)
				return ret;
		}
		if (get_all(fs, NULL, fs->left))
			return -1;
		/* Some writers leave these out at the very end. */
		if (get(fs, NULL, fs->pad) < 0)
			return -1;
	}
	return ret;
}

int initramfs_read(const struct initramfs_member *member, size_t limit, void **data, char *err,
		   size_t errlen)
{
	struct initramfs *fs = member->archive;
	size_t len = fs->left;
	char *buf;

	if (len != member->size)
		return set_error(err, errlen, "was read before");
	if (len > limit)
		return set_error(err, errlen, "is larger than %zu MiB", limit >> 20);
	/* What a damaged header says must not cost memory. */
	if (!fs->unpacker && len > fs->size - fs->pos)
		return set_error(err, errlen, "ends inside the archive");
	buf = malloc(len + 1);
	if (!buf)
		return set_error(err, errlen, "out of memory");
	fs->left = 0;
	if (get_all(fs, buf, len)) {
		free(buf);
		return set_error(err, errlen, "cannot be read: the archive is damaged");
	}
	buf[len] = '\0';
	*data = buf;
	return 0;
}

int initramfs_walk_memory(const void *data, size_t size, initramfs_fn fn, void *arg, char *err,
			  size_t errlen)
{
	struct initramfs fs = { .data = data, .size = size, .err = err, .errlen = errlen };
	int ret = 0;

	while (!ret && fs.pos < size) {
		size_t start = fs.pos;

		if (fs.data[fs.pos] && fs.data[fs.pos] != '0') {
			fs.unpacker = unpack_open(fs.data + fs.pos, size - fs.pos, err, errlen);
			if (!fs.unpacker)
				return -1;
			fs.shortened = false;
			fs.given = 0;
		}
		ret = walk_segment(&fs, fn, arg);
		if (fs.unpacker) {
			int64_t used = archive_filter_bytes(fs.unpacker, -1);

			if (used > 0)
				fs.pos += used;
			archive_read_free(fs.unpacker);
			fs.unpacker = NULL;
		}
		if (!ret && fs.pos == start)
			ret = set_error(err, errlen, "is no initramfs from byte %zu on", start);
		if (fs.pos > size)
			fs.pos = size;
	}
	if (!size)
		return set_error(err, errlen, "is empty");
	return ret;
}

int initramfs_walk(const char *path, initramfs_fn fn, void *arg, char *err, size_t errlen)
{
	size_t size;
	void *data;
	int ret;

	if (read_plain(path, PACKED_LIMIT, &data, &size, err, errlen))
		return -1;
	ret = initramfs_walk_memory(data, size, fn, arg, err, errlen);
	free(data);
	return ret;
}
