/* SPDX-License-Identifier: GPL-2.0-only */
/* Between unpack.c and initramfs.c, which alone know libarchive. */
#ifndef TOOLS_UNPACK_STREAM_H
#define TOOLS_UNPACK_STREAM_H

#include <stddef.h>

struct archive;

/*
 * unpack_open() - begin to unpack bytes in memory
 *
 * Return: for archive_read_data(), to be freed by archive_read_free(); NULL with @err if the
 * bytes are not compressed, or in no way that libarchive itself can read.
 */
struct archive *unpack_open(const void *in, size_t in_size, char *err, size_t errlen);

/*
 * unpack_end() - where a stream ends that something else follows
 * @from: where the stream begins
 * @used: how many bytes libarchive had used when it failed
 * @size: how many bytes there are
 *
 * Return: the length of the stream in bytes.
 */
size_t unpack_end(const void *from, size_t used, size_t size);

#endif /* TOOLS_UNPACK_STREAM_H */
