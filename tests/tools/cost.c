// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost: what a program costs
 *
 * usage: cost TIMES PROGRAM [ARG...]
 *
 * Runs it so many times, with its standard output to /dev/null, and prints: the least of its
 * CPU time (user and system, all threads) in microseconds, the most of its memory in KiB, and
 * its exit status.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long long micro(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	long long least = -1, memory = 0;
	int i, status = 0;

	if (argc < 3)
		errx(2, "usage: cost TIMES PROGRAM [ARG...]");
	for (i = 0; i < atoi(argv[1]); i++) {
		struct rusage use;
		long long time;
		pid_t pid = fork();

		if (pid < 0)
			err(2, "fork");
		if (!pid) {
			dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
			execvp(argv[2], argv + 2);
			err(127, "%s", argv[2]);
		}
		if (wait4(pid, &status, 0, &use) < 0)
			err(2, "wait");
		time = micro(use.ru_utime) + micro(use.ru_stime);
		if (least < 0 || time < least)
			least = time;
		if (use.ru_maxrss > memory)
			memory = use.ru_maxrss;
	}
	printf("%lld\t%lld\t%d\n", least, memory, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	return 0;
}
