// SPDX-License-Identifier: GPL-2.0-only
/* What all the tools need: errors as text, memory, a whole file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

int set_error(char *err, size_t errlen, const char *fmt, ...)
{
	va_list args;

	if (err && errlen) {
		va_start(args, fmt);
		vsnprintf(err, errlen, fmt, args);
		va_end(args);
	}
	return -1;
}

bool is_printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

char *clean_text(char *s)
{
	char *p;

	for (p = s; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return s;
}

static void *not_null(void *p)
{
	if (p)
		return p;
	fprintf(stderr, "%s: out of memory\n", program_invocation_short_name);
	exit(2);
}

void *xmalloc(size_t size)
{
	return not_null(malloc(size ? size : 1));
}

void *xcalloc(size_t n, size_t size)
{
	return not_null(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return not_null(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return not_null(strdup(s));
}

char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		s = NULL;
	va_end(args);
	return not_null(s);
}

/* All that @fd has, at most @limit bytes. */
static int read_fd(int fd, size_t limit, size_t guess, void **data, size_t *size)
{
	size_t cap = guess + 4096, len = 0;
	char *buf = xmalloc(cap + 1);
	ssize_t n;

	for (;;) {
		n = read(fd, buf + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto fail;
		if (!n)
			break;
		len += n;
		if (len > limit) {
			errno = EFBIG;
			goto fail;
		}
		if (len == cap) {
			cap += cap / 2;
			buf = xrealloc(buf, cap + 1);
		}
	}
	buf[len] = '\0';
	*data = buf;
	*size = len;
	return 0;
fail:
	free(buf);
	return -1;
}

int read_plain(const char *path, size_t limit, void **data, size_t *size, char *err,
	       size_t errlen)
{
	/* Not to wait for who opens the other end of a FIFO. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), saved;
	struct stat st;
	int ret = -1;

	if (fd < 0)
		return set_error(err, errlen, "%s", strerror(errno));
	if (fstat(fd, &st)) {
		set_error(err, errlen, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
		set_error(err, errlen, S_ISDIR(st.st_mode) ? "is a directory" :
			  "is not a regular file");
	} else if (st.st_size > 0 && (size_t)st.st_size > limit) {
		errno = EFBIG;
		set_error(err, errlen, "is larger than %zu MiB", limit >> 20);
	} else {
		ret = read_fd(fd, limit, st.st_size, data, size);
		if (ret)
			set_error(err, errlen, "%s", strerror(errno));
	}
	saved = errno;
	close(fd);
	errno = saved;
	return ret;
}
