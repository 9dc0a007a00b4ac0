// SPDX-License-Identifier: GPL-2.0-only
/*
 * give_btf: give a module that was loaded without BTF some, where that may fail
 *
 * usage: give_btf nth N NAME BTF KO   the first allocation of the write fails, then the
 *				    second, and so on; where there are more than N, not each
 *				    but N of them
 *	  give_btf some N NAME BTF KO  N times, with what debugfs has set up for tasks that
 *				    /proc/self/make-it-fail marks
 *	  give_btf opened NAME BTF   once, by a device that was opened without CAP_SYS_MODULE; says
 *				    how that ended
 *	  give_btf race NAME BTF    over and over until /tmp/go is gone; makes /tmp/taken when
 *				    the kernel has taken it
 *
 * The first two load KO anew where the kernel has taken it. Says how each write ended,
 * "give ERRNO TIMES"; of the first two also "allocations N", and "left N" if a write
 * failed and has left BTF, or was taken and has not.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL	256

static unsigned long gives[ALL];
static char *data;
static size_t size;
static const char *name, *module;

/* @name, a NUL, and what is in @path: a write. */
static void read_btf(const char *path)
{
	size_t len = strlen(name) + 1;
	int fd = open(path, O_RDONLY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		err(2, "%s", path);
	size = len + st.st_size;
	data = malloc(size);
	memcpy(data, name, len);
	if (read(fd, data + len, st.st_size) != st.st_size)
		err(2, "%s", path);
	close(fd);
}

static int give(int dev)
{
	ssize_t n = write(dev, data, size);

	return n < 0 ? errno : n == (ssize_t)size ? 0 : EIO;
}

static void number(int fd, unsigned long n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%lu", n);

	if (pwrite(fd, text, len, 0) != len)
		err(2, "the kernel's file for failures");
}

static int load(void)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC), error;

	if (fd < 0)
		return errno;
	error = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return error;
}

/* Is it as @error says? Then have it without BTF again. */
static void look_around(int error, unsigned long n)
{
	char path[128];

	gives[error]++;
	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", name);
	if (!access(path, F_OK) != !error)
		printf("left %lu\n", n);
	if (access(path, F_OK))
		return;
	if (syscall(SYS_delete_module, name, 0) || !access(path, F_OK) || load())
		errx(1, "%s cannot be loaded anew", name);
}

/* The @nth allocation fails. Return: how many were missing to that. */
static unsigned long fail_one(int dev, int fd, unsigned long nth)
{
	char text[16] = "";
	int error;

	number(fd, nth);
	error = give(dev);
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		err(2, "fail-nth");
	number(fd, 0);
	look_around(error, nth);
	return strtoul(text, NULL, 10);
}

static void fail_each(int dev, unsigned long most)
{
	static const unsigned long many = 1000000;
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	unsigned long all, n;

	if (fd < 0)
		err(2, "fail-nth");
	all = many - fail_one(dev, fd, many);
	printf("allocations %lu\n", all);
	for (n = 1; n <= all; n += (all + most - 1) / most)
		fail_one(dev, fd, n);
}

static void fail_some(int dev, unsigned long times)
{
	int fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC), error;
	unsigned long n;

	if (fd < 0)
		err(2, "make-it-fail");
	for (n = 0; n < times; n++) {
		number(fd, 1);
		error = give(dev);
		number(fd, 0);
		look_around(error, n);
	}
}

/* btf_tolerant comes and goes meanwhile: not while its device is open. */
static void race(void)
{
	while (!access("/tmp/go", F_OK)) {
		int dev = open("/dev/btf_tolerant", O_WRONLY | O_CLOEXEC);
		int error = dev < 0 ? errno : give(dev);

		gives[error]++;
		if (!error && gives[0] == 1)
			close(creat("/tmp/taken", 0600));
		if (dev >= 0)
			close(dev);
		usleep(rand() % 20000);
	}
}

/* With or without CAP_SYS_MODULE in the effective set */
static void with_cap(int on)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &hdr, caps))
		err(2, "capget");
	caps[0].effective &= ~(1u << CAP_SYS_MODULE);
	caps[0].effective |= (unsigned int)on << CAP_SYS_MODULE;
	if (syscall(SYS_capset, &hdr, caps))
		err(2, "capset");
}

/* Who opens the device has no right to load modules, who writes to it has. */
static void give_late(void)
{
	int dev;

	with_cap(0);
	dev = open("/dev/btf_tolerant", O_WRONLY | O_CLOEXEC);
	if (dev < 0)
		err(2, "/dev/btf_tolerant");
	with_cap(1);
	puts(write(dev, data, size) < 0 ? strerror(errno) : "taken");
}

int main(int argc, char **argv)
{
	bool nth = argc == 6 && !strcmp(argv[1], "nth");
	bool some = argc == 6 && !strcmp(argv[1], "some");
	bool opened = argc == 4 && !strcmp(argv[1], "opened");
	int dev, i;

	if (!nth && !some && !opened && (argc != 4 || strcmp(argv[1], "race"))) {
		fputs("usage: give_btf nth|some N NAME BTF KO | race|opened NAME BTF\n", stderr);
		return 2;
	}
	name = argv[nth || some ? 3 : 2];
	read_btf(argv[nth || some ? 4 : 3]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (nth || some) {
		module = argv[5];
		dev = open("/dev/btf_tolerant", O_WRONLY | O_CLOEXEC);
		if (dev < 0)
			err(2, "/dev/btf_tolerant");
		if (nth)
			fail_each(dev, strtoul(argv[2], NULL, 10));
		else
			fail_some(dev, strtoul(argv[2], NULL, 10));
	} else if (opened) {
		give_late();
	} else {
		srand(getpid());
		race();
	}
	for (i = 0; i < ALL; i++)
		if (gives[i])
			printf("give %s %lu\n", strerrorname_np(i), gives[i]);
	return 0;
}
