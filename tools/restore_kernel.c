// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel says of dropped modules, and giving it BTF for them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "restore.h"
#include "util.h"

#define PROC_FILE	"/proc/btf_tolerant"
#define DEVICE		"/dev/btf_tolerant"
#define UEVENT		"/sys/class/misc/btf_tolerant/uevent"

/* A line of the list: module, NAME, REASON, ERR, then "restored" if it is. */
static bool parse_line(char *line, struct dropped *d)
{
	char *field[5] = { }, *save = NULL;
	int i;

	for (i = 0; i < 5; i++) {
		field[i] = strtok_r(i ? NULL : line, "\t", &save);
		if (!field[i])
			break;
	}
	if (i < 4 || strcmp(field[0], "module") || strchr(field[1], '/') || *field[1] == '.')
		return false;
	d->name = xstrdup(field[1]);
	d->restored = field[4] && !strcmp(field[4], "restored");
	return true;
}

long dropped_read(struct dropped **list, char *err, size_t errlen)
{
	char *save = NULL, *line;
	struct dropped d;
	void *text;
	size_t size;
	long n = 0;

	*list = NULL;
	if (read_plain(PROC_FILE, 16 << 20, &text, &size, err, errlen)) {
		if (errno == ENOENT)
			set_error(err, errlen,
				  "the kernel module btf_tolerant is not loaded, which lists what was dropped");
		return -1;
	}
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!parse_line(line, &d))
			continue;
		*list = xrealloc(*list, (n + 1) * sizeof(d));
		(*list)[n++] = d;
	}
	free(text);
	return n;
}

/* dropped_free() - free what dropped_read() has put into it */
void dropped_free(struct dropped *list, long n)
{
	while (n > 0)
		free(list[--n].name);
	free(list);
}

int is_loaded_file(const char *name, const unsigned char *build_id, size_t id_len)
{
	char *path = xasprintf("/sys/module/%s/notes/.note.gnu.build-id", name);
	unsigned char id[BUILD_ID_MAX];
	size_t size, len = 0;
	void *notes;

	if (!read_plain(path, 1 << 20, &notes, &size, NULL, 0)) {
		len = notes_build_id(notes, size, id);
		free(notes);
	}
	free(path);
	if (!len || !id_len)
		return -1;
	return len == id_len && !memcmp(id, build_id, len);
}

bool is_loaded(const char *name)
{
	char *path = xasprintf("/sys/module/%s/initstate", name);
	bool ret = !access(path, F_OK);

	free(path);
	return ret;
}

bool is_live(const char *name)
{
	char *path = xasprintf("/sys/module/%s/initstate", name);
	bool ret = false;
	void *state;
	size_t size;

	if (!read_plain(path, 64, &state, &size, NULL, 0)) {
		ret = !strncmp(state, "live", 4);
		free(state);
	}
	free(path);
	return ret;
}

/* One write, which the kernel takes as a whole or not at all. */
static int give_once(const void *data, size_t size)
{
	int fd = open(DEVICE, O_WRONLY | O_CLOEXEC), err = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? -ENXIO :
		       errno == EACCES ? -ENOTSUP : -errno;
	n = write(fd, data, size);
	if (n < 0)
		err = -errno;
	else if ((size_t)n != size)
		err = -EIO;
	close(fd);
	return err;
}

int kernel_give(const char *name, const void *btf, size_t size)
{
	size_t len = strlen(name) + 1;
	char *data = xmalloc(len + size);
	int err;

	memcpy(data, name, len);
	memcpy(data + len, btf, size);
	do {
		err = give_once(data, len + size);
	} while (err == -EINTR);
	free(data);
	return err;
}

int kernel_takes_btf(void)
{
	/* No name: there is no such module, if it looks for one. */
	int err = give_once("", 1);

	return err == -ENOENT ? 0 : err;
}

void kernel_remind(void)
{
	int fd = open(UEVENT, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* If nobody can be told, it is as without udev. */
	if (write(fd, "change", 6) < 0)
		errno = 0;
	close(fd);
}
