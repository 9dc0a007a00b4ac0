/* SPDX-License-Identifier: GPL-2.0-only */
/* What all the tools need: errors as text, integers out of bytes, a whole file. */
#ifndef TOOLS_UTIL_H
#define TOOLS_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The compiler compares what is printed with the format. */
#ifndef __printf
#define __printf(...)	__attribute__((__format__(__printf__, __VA_ARGS__)))
#endif

/* Room for a message of set_error(); what is longer is cut off. */
#define ERR_LEN		256

/*
 * set_error() - write a message, and return -1
 * @err: where to, or NULL: the message is not wanted
 * @errlen: its size in bytes
 *
 * The message has no path in it, no newline and no full stop: the caller puts
 * "PATH: " before it.
 */
int __printf(3, 4) set_error(char *err, size_t errlen, const char *fmt, ...);

/*
 * What is read from a disk is shown on a terminal, in lines of ours. is_printable(): has it no
 * control characters? clean_text(): make '?' of them, and return @s.
 */
bool is_printable(const char *s);
char *clean_text(char *s);

/* Out of memory: says so on standard error and exits with 2. Never return NULL. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
__printf(1, 2)
char *xasprintf(const char *fmt, ...);

/*
 * read_plain() - read a file as it is
 * @path: its path; pseudo-files of /sys and /proc, whose size is not known, too
 * @limit: refuse more bytes than that
 * @data: set to the bytes, which the caller frees, with a 0 after them
 * @size: set to how many they are
 *
 * Only regular files: a FIFO or a device is refused, and never waited for.
 * Return: 0, or -1 with @err and errno.
 */
int read_plain(const char *path, size_t limit, void **data, size_t *size, char *err,
	       size_t errlen);

/*
 * Integers at any alignment. The caller has checked that the bytes are there:
 * in_range() says whether @len bytes at @off are inside @size, and never overflows.
 */
static inline bool in_range(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

static inline uint16_t get_le16(const void *p)
{
	const unsigned char *b = p;

	return b[0] | b[1] << 8;
}

static inline uint32_t get_le32(const void *p)
{
	return get_le16(p) | (uint32_t)get_le16((const char *)p + 2) << 16;
}

static inline uint64_t get_le64(const void *p)
{
	return get_le32(p) | (uint64_t)get_le32((const char *)p + 4) << 32;
}

static inline uint32_t get_be32(const void *p)
{
	return __builtin_bswap32(get_le32(p));
}

#endif /* TOOLS_UTIL_H */
