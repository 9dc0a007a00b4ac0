// SPDX-License-Identifier: GPL-2.0-only
/*
 * stress: load and unload modules where that may fail
 *
 * usage: stress nth N KO [PARAMS]    of its loading, and then of its unloading, the first
 *				    allocation fails, then the second, and so on; where
 *				    there are more than N, not each but N of them
 *	  stress some N KO [PARAMS]   N times, with what debugfs has set up for tasks that
 *				    /proc/self/make-it-fail marks
 *	  stress race MS KO [PARAMS]  in and out until /tmp/go is gone, up to MS ms
 *				    each; others may do the same with the same module
 *	  stress kill MS KO [PARAMS]  likewise, by a task that is killed before it is done, or
 *				    nearly; MS is where it begins to find out when that is
 *	  stress init MS KO [PARAMS]  likewise, within MS milliseconds of the module's init
 *	  stress ticks		    of the CPU's counter in a second: under TCG, the host's
 *	  stress wait S TICKS	    S seconds of it: a busy guest's own clock is slow
 *
 * Says what it did as "load ERRNO TIMES" and "unload ERRNO TIMES"; of the first two also how
 * many of those that were loaded had BTF, "published TIMES", how many had none and were not in
 * the list of those that were dropped, "unlisted TIMES", what was left when all was over,
 * "left WHAT", and what is in /proc/btf_tolerant.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KILLED	200	/* no errno */
#define ALL	256

static const char ours[] = "btf_tolerant", report[] = "/proc/btf_tolerant";
static unsigned long loads[ALL], unloads[ALL], published, unlisted;
static char name[64];
static const char *path, *params;

static int load(void)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, params, 0) ? errno : 0;
	close(fd);
	return err;
}

static int unload(void)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

/* Another may be loading it. */
static int unload_patiently(void)
{
	int tries, err = unload();

	for (tries = 0; tries < 1000 && (err == EAGAIN || err == EBUSY); tries++) {
		usleep(1000);
		err = unload();
	}
	return err;
}

static void say_one(const char *what, const unsigned long *n)
{
	int i;

	for (i = 0; i < ALL; i++)
		if (n[i])
			printf("%s %s %lu\n", what,
			       i == KILLED ? "KILLED" : strerrorname_np(i), n[i]);
}

static bool in_file(const char *file, const char *begin)
{
	FILE *f = fopen(file, "r");
	bool found = false;
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, begin, strlen(begin));
	if (f)
		fclose(f);
	return found;
}

static bool has_btf(void)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/kernel/btf/%s", name);
	return !access(file, F_OK);
}

static void note_load(void)
{
	char line[80];

	if (has_btf()) {
		published++;
		return;
	}
	snprintf(line, sizeof(line), "module\t%s\t", name);
	unlisted += strcmp(name, ours) && !in_file(report, line);
}

/* After a load that failed, or an unload that did not */
static void look_around(unsigned long n)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/module/%s", name);
	if (!access(file, F_OK))
		printf("left %s %lu\n", file, n);
	if (has_btf())
		printf("left BTF %lu\n", n);
	if (strcmp(name, ours))
		return;
	if (!access(report, F_OK))
		printf("left %s %lu\n", report, n);
	if (!access("/proc/sys/kernel/btf_mismatch_policy", F_OK))
		printf("left btf_mismatch_policy %lu\n", n);
}

static void number(int fd, unsigned long n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%lu", n);

	if (pwrite(fd, text, len, 0) != len) {
		perror("stress: the kernel's file for it");
		exit(1);
	}
}

/* How many allocations are still to come before one fails? 0 if one has failed. */
static unsigned long disarm(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		perror("stress: fail-nth");
	number(fd, 0);
	return strtoul(text, NULL, 10);
}

/* The @nth allocation of loading, or else of unloading, fails: returns how many were missing. */
static unsigned long fail_one(int fd, unsigned long nth, bool loading)
{
	unsigned long left;
	int err;

	if (!loading) {
		err = load();
		if (err) {
			printf("left load %d\n", err);
			return 0;
		}
		loads[0]++;
		note_load();
	}
	number(fd, nth);
	err = loading ? load() : unload();
	left = disarm(fd);
	(loading ? loads : unloads)[err]++;
	if (loading && !err)
		note_load();
	if (loading == !err)
		unload_patiently();
	look_around(nth);
	return left;
}

/* Each in turn; where there are more than @most, one in so many. */
static void fail_each(unsigned long most)
{
	static const unsigned long many = 1000000;
	int fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC), loading;
	unsigned long all, n;

	if (fd < 0)
		perror("stress: fail-nth");
	for (loading = 1; fd >= 0 && loading >= 0; loading--) {
		/* It may be one that is refused anyway. */
		if (!loading && !loads[0])
			break;
		all = many - fail_one(fd, many, loading);
		printf("allocations %lu\n", all);
		for (n = 1; n <= all; n += (all + most - 1) / most)
			fail_one(fd, n, loading);
	}
}

static void fail_some(int times)
{
	int fd = open("/proc/self/make-it-fail", O_WRONLY | O_CLOEXEC), n, err;

	if (fd < 0)
		perror("stress: make-it-fail");
	for (n = 0; fd >= 0 && n < times; n++) {
		number(fd, 1);
		err = load();
		number(fd, 0);
		loads[err]++;
		if (!err) {
			note_load();
			number(fd, 1);
			unloads[unload()]++;
			number(fd, 0);
			unload_patiently();
		}
		look_around(n);
	}
}

static void say_report(void)
{
	FILE *f = fopen(report, "r");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		fputs(line, stdout);
	if (f)
		fclose(f);
}

static bool going(void)
{
	return !access("/tmp/go", F_OK);
}

static void linger(int ms)
{
	usleep(rand() % (ms * 1000 + 1));
}

static void race(int ms)
{
	while (going()) {
		loads[load()]++;
		linger(ms);
		unloads[unload()]++;
		linger(ms);
	}
	unload_patiently();
}

static bool initialising(void)
{
	char file[128];

	snprintf(file, sizeof(file), "/sys/module/%s/initstate", name);
	return in_file(file, "coming");
}

/* How long a load takes depends on what else goes on: half of them are killed in time. */
static void killed(int ms, bool in_init)
{
	int status, err;
	pid_t pid, done;

	while (going()) {
		pid = fork();
		if (!pid)
			_exit(load());
		do
			done = waitpid(pid, &status, WNOHANG);
		while (in_init && !done && !initialising() && !usleep(1000));
		if (!done) {
			linger(ms);
			kill(pid, SIGKILL);
			done = waitpid(pid, &status, 0);
		}
		if (done != pid)
			break;
		if (!in_init)
			ms = WIFEXITED(status) ? ms * 3 / 4 + 1 : ms * 5 / 4 + 1;
		loads[WIFEXITED(status) ? WEXITSTATUS(status) : KILLED]++;
		err = unload_patiently();
		unloads[err]++;
	}
}

static unsigned long long ticks_per_second(void)
{
	const struct timespec second = { .tv_sec = 1 };
	unsigned long long begin = __builtin_ia32_rdtsc();

	nanosleep(&second, NULL);
	return __builtin_ia32_rdtsc() - begin;
}

static void wait_ticks(unsigned long long ticks)
{
	unsigned long long begin = __builtin_ia32_rdtsc();

	while (__builtin_ia32_rdtsc() - begin < ticks)
		usleep(100000);
}

static int bad_usage(void)
{
	fputs("usage: stress nth|some|race|kill|init N KO [PARAMS] | ticks | wait S TICKS\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *base;
	int n;

	if (argc == 2 && !strcmp(argv[1], "ticks")) {
		printf("%llu\n", ticks_per_second());
		return 0;
	}
	if (argc < 4)
		return bad_usage();
	if (!strcmp(argv[1], "wait")) {
		wait_ticks(strtoull(argv[2], NULL, 10) * strtoull(argv[3], NULL, 10));
		return 0;
	}
	n = atoi(argv[2]);
	path = argv[3];
	params = argc > 4 ? argv[4] : "";
	base = strrchr(path, '/');
	/* The file has the module's name: there is no '-' in those used here. */
	snprintf(name, sizeof(name), "%s", base ? base + 1 : path);
	*strchrnul(name, '.') = '\0';
	srand(getpid());
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (!strcmp(argv[1], "nth")) {
		fail_each(n);
		say_report();
	} else if (!strcmp(argv[1], "some")) {
		fail_some(n);
		say_report();
	} else if (!strcmp(argv[1], "race")) {
		race(n);
	} else if (!strcmp(argv[1], "kill") || !strcmp(argv[1], "init")) {
		killed(n, argv[1][0] == 'i');
	} else {
		return bad_usage();
	}
	printf("published %lu\nunlisted %lu\n", published, unlisted);
	say_one("load", loads);
	say_one("unload", unloads);
	return 0;
}
