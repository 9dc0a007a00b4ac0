// SPDX-License-Identifier: GPL-2.0-only
/*
 * finit: load a module by finit_module() with any flags (uapi/linux/module.h)
 *
 * usage: finit FLAGS KO
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd;

	if (argc != 3)
		errx(2, "usage: finit FLAGS KO");
	fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", strtoul(argv[1], NULL, 0)))
		err(1, "%s", argv[2]);
	return 0;
}
