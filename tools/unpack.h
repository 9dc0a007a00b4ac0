/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Compressed files, by libarchive.
 *
 * Never runs a program: of libarchive's filters only those that are built in are used.
 * These are gzip, bzip2, xz, lzma, zstd and lz4 (also the legacy format, which the kernel
 * uses), as far as libarchive was built with them. lzo is not among them.
 */
#ifndef TOOLS_UNPACK_H
#define TOOLS_UNPACK_H

#include <stddef.h>

/* Nothing that a kernel is booted with unpacks to more. Bytes. */
#define UNPACK_LIMIT	((size_t)1 << 30)

/* Is it packed, by its first bytes, in a way that unpack() may know? Else NULL. */
const char *packed_by(const void *data, size_t size);

/**
 * unpack() - unpack bytes in memory
 * @in: a compressed file
 * @in_size: its size in bytes; nothing else may follow
 * @limit: refuse to unpack more bytes than that
 * @out: set to the unpacked bytes, which the caller frees
 * @out_size: set to their number
 *
 * Bytes that are not compressed are an error: ask packed_by() first.
 * Context: any thread.
 * Return: 0, or -1 with @err.
 */
int unpack(const void *in, size_t in_size, size_t limit, void **out, size_t *out_size,
	   char *err, size_t errlen);

/**
 * unpack_first() - the same, if something else may follow the compressed bytes
 *
 * As unpack(); takes twice as long if something does.
 */
int unpack_first(const void *in, size_t in_size, size_t limit, void **out, size_t *out_size,
		 char *err, size_t errlen);

/**
 * read_unpacked() - read a file whole, through whatever it is compressed with
 * @path: its path
 * @limit: refuse more bytes than that, packed or unpacked
 * @data: set to the bytes, which the caller frees
 * @size: set to their number
 *
 * A file that is not compressed is read as it is.
 * Context: any thread.
 * Return: 0, or -1 with @err.
 */
int read_unpacked(const char *path, size_t limit, void **data, size_t *size, char *err,
		  size_t errlen);

#endif /* TOOLS_UNPACK_H */
