// SPDX-License-Identifier: GPL-2.0-only
/* Files below --root, and lists of names. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "root.h"
#include "util.h"

/* More names than that in one directory are nobody's kernels. */
#define NAMES_MAX 65536

/* names_add() - add a copy of @name */
void names_add(struct names *names, const char *name)
{
	names->v = xrealloc(names->v, (names->n + 1) * sizeof(*names->v));
	names->v[names->n++] = xstrdup(name);
}

/* names_addf() - the same, printed */
void names_addf(struct names *names, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	names_add(names, s);
	free(s);
}

/* names_have() - is @name among them? */
bool names_have(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

/*
 * plain_word() - can it stand in a command as it is?
 *
 * What is read from a disk ends up in commands that people copy into a shell.
 */
bool plain_word(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	if (!*s || *s == '-')
		return false;
	for (; *s; s++)
		if (!strchr(letters, *s) && !strchr("0123456789._+~/:@%=,-", *s))
			return false;
	return true;
}

/* names_free() - free the strings, and leave an empty list */
void names_free(struct names *names)
{
	while (names->n)
		free(names->v[--names->n]);
	free(names->v);
	names->v = NULL;
}

/* root_open() - take @dir for "/". Returns 0 or -errno; root_close() frees what it holds. */
int root_open(struct root *root, const char *dir)
{
	size_t len = strlen(dir);

	while (len && dir[len - 1] == '/')
		len--;
	root->fd = open(*dir ? dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return -errno;
	root->path = xasprintf("%.*s", (int)len, dir);
	return 0;
}

/* root_close() - free what root_open() has put into it */
void root_close(struct root *root)
{
	close(root->fd);
	free(root->path);
	root->path = NULL;
}

/* Open @path as it is below the root. Returns a descriptor or -errno. */
static int open_in(const struct root *root, const char *path, int flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* Without --root nothing is to be kept in, and an old kernel will do. */
	if (!*root->path)
		fd = open(path, flags | O_CLOEXEC);
	else
		fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
	return fd < 0 ? -errno : fd;
}

/*
 * root_resolve() - where a path below the root is on this machine, without symbolic links
 *
 * Returns a string that the caller frees, or NULL with errno.
 */
char *root_resolve(const struct root *root, const char *path)
{
	char link[32], real[PATH_MAX];
	int fd = open_in(root, path, O_PATH);
	ssize_t n;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	real[n] = '\0';
	return xstrdup(real);
}

/* root_exists() - is there such a file or directory, below the root? */
bool root_exists(const struct root *root, const char *path)
{
	int fd = open_in(root, path, O_PATH);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/*
 * root_read() - a small file whole, in /proc and /sys, too
 *
 * Returns what the caller frees, with a 0 after its last byte, and their number in @size
 * (if not NULL); or NULL with errno. What has more than @max bytes is not read.
 */
char *root_read(const struct root *root, const char *path, size_t max, size_t *size)
{
	char *real = root_resolve(root, path);
	size_t len;
	void *data;
	int ret;

	if (!real)
		return NULL;
	errno = EINVAL;
	ret = read_plain(real, max, &data, &len, NULL, 0);
	free(real);
	if (ret)
		return NULL;
	if (size)
		*size = len;
	return data;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * root_list() - the names in a directory, sorted, without . and ..
 *
 * Returns 0 or -errno. names_free() frees the list.
 */
int root_list(const struct root *root, const char *path, struct names *names)
{
	int fd = open_in(root, path, O_RDONLY | O_DIRECTORY);
	struct dirent *d;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -errno;
	}
	/* A name with a line end in it would look like a line of ours, and is nobody's kernel. */
	while (names->n < NAMES_MAX && (d = readdir(dir)))
		if (strcmp(d->d_name, ".") && strcmp(d->d_name, "..") && is_printable(d->d_name))
			names_add(names, d->d_name);
	closedir(dir);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
	return 0;
}
