// SPDX-License-Identifier: GPL-2.0-only
/*
 * hold_read: read a file into memory that is not there, and so stay in the read until killed.
 * Removing a file of /proc waits for such a read.
 *
 * usage: hold_read FILE
 */
#include <err.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	long page = sysconf(_SC_PAGESIZE);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *buf;
	int fd, uffd;

	if (argc != 2)
		errx(2, "usage: hold_read FILE");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0)
		err(1, "%s", argv[1]);
	buf = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	reg.range = (struct uffdio_range){ .start = (unsigned long)buf, .len = page };
	if (buf == MAP_FAILED || uffd < 0 || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &reg))
		err(1, "userfaultfd");
	if (read(fd, buf, page) < 0)
		err(1, "%s", argv[1]);
	errx(1, "%s was read", argv[1]);
}
