// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench_load: load modules one by one and say what each load costs
 *
 * usage: bench_load [-k] [-n TIMES] [-p PARAMS] < PATHS
 *        bench_load -c COUNT FILE
 *        bench_load -g
 *
 * One line a load, tab-separated: the path, the errno of finit_module (0: loaded), the
 * ticks of the time stamp counter that it took (under "-icount shift=0": instructions),
 * what /proc/btf_bench says of the notifier (coming, live, going; "-" without it), how often
 * the task slept meanwhile, the ticks that unloading took, the errno of that, whether a
 * timer interrupt has disturbed the load. A module that was loaded is unloaded again, unless
 * -k is given.
 *
 * -c loads COUNT copies of FILE, each under a name of its own, and leaves them there. -g
 * looks at the counter until SIGTERM, and says what the longest time was that it could not.
 *
 * Each load begins just behind a timer interrupt, and /proc/btf_bench puts off the next.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

/* Longer than the loop below takes, shorter than any interrupt */
#define INTERRUPTED	400

static int bench = -1;	/* /proc/btf_bench */

static void after_interrupt(void)
{
	unsigned long long now, last = __rdtsc(), end = last + 50000000;

	while ((now = __rdtsc()) < end && now - last < INTERRUPTED)
		last = now;
	if (bench >= 0 && write(bench, "1", 1) != 1)
		err(1, "/proc/btf_bench");
}

static long sleeps(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return ru.ru_nvcsw;
}

/* What the notifier took: coming, live, going; and whether an interrupt came */
static const char *notifier(char **interrupted)
{
	static char buf[128];
	ssize_t n = bench < 0 ? -1 : pread(bench, buf, sizeof(buf) - 1, 0);

	snprintf(buf + (n > 0 ? n : 0), 16, n > 0 ? "" : "-\t-\t-\t-\n");
	buf[strcspn(buf, "\n")] = '\0';
	*interrupted = strrchr(buf, '\t');
	*(*interrupted)++ = '\0';
	return buf;
}

/* The file's name, as kbuild makes module names of them */
static void module_name(const char *path, char *name, size_t size)
{
	const char *s = strrchr(path, '/');

	snprintf(name, size, "%s", s ? s + 1 : path);
	name[strcspn(name, ".")] = '\0';
	for (; *name; name++)
		if (*name == '-')
			*name = '_';
}

static void load(const char *path, const char *params, bool keep)
{
	unsigned long long begin, spent, gone = 0;
	char name[256], said[128], *interrupted, came[16];
	int fd, error = 0, gone_error = 0;
	long slept;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		printf("%s\t%d\tunreadable\n", path, errno);
		return;
	}
	module_name(path, name, sizeof(name));
	slept = sleeps();
	after_interrupt();
	begin = __rdtsc();
	if (syscall(SYS_finit_module, fd, params, 0))
		error = errno;
	spent = __rdtsc() - begin;
	slept = sleeps() - slept;
	close(fd);
	snprintf(said, sizeof(said), "%s", notifier(&interrupted));
	snprintf(came, sizeof(came), "%s", interrupted);
	if (!error && !keep) {
		after_interrupt();
		begin = __rdtsc();
		if (syscall(SYS_delete_module, name, O_NONBLOCK))
			gone_error = errno;
		gone = __rdtsc() - begin;
		snprintf(strrchr(said, '\t'), 64, "%s", strrchr(notifier(&interrupted), '\t'));
	}
	printf("%s\t%d\t%llu\t%s\t%ld\t%llu\t%d\t%s\n", path, error, spent, said, slept,
	       gone, gone_error, came);
}

/* Where struct module has its name */
static char *own_name(char *map, size_t size)
{
	Elf *elf = elf_memory(map, size);
	Elf_Scn *scn = NULL;
	size_t shstrndx;
	GElf_Shdr shdr;
	char *ret = NULL;

	if (!elf || elf_getshdrstrndx(elf, &shstrndx))
		return NULL;
	while (!ret && (scn = elf_nextscn(elf, scn)) && gelf_getshdr(scn, &shdr))
		if (!strcmp(elf_strptr(elf, shstrndx, shdr.sh_name), ".gnu.linkonce.this_module"))
			ret = memmem(map + shdr.sh_offset, shdr.sh_size, "empty", 6);
	elf_end(elf);
	return ret;
}

static int copies(int count, const char *path)
{
	static int number;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *map, *name;

	if (fd < 0 || fstat(fd, &st))
		err(1, "%s", path);
	map = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		err(1, "%s", path);
	name = own_name(map, st.st_size);
	if (!name)
		errx(1, "%s: not empty.ko", path);
	for (; count; count--) {
		/* Others may have been made by an earlier call. */
		do {
			snprintf(name, 32, "copy_%d", number++);
		} while (syscall(SYS_init_module, map, st.st_size, "") && errno == EEXIST);
		if (errno && errno != EEXIST)
			err(1, "%s", name);
		errno = 0;
	}
	return 0;
}

static int gaps(void)
{
	unsigned long long now, last, longest = 0;
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	last = __rdtsc();
	while (sigpending(&term) || !sigismember(&term, SIGTERM)) {
		now = __rdtsc();
		if (now - last > longest)
			longest = now - last;
		last = now;
	}
	printf("%llu\n", longest);
	return 0;
}

int main(int argc, char **argv)
{
	static char out[1 << 20];
	const char *params = "";
	bool keep = false;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int c, i, times = 1;

	elf_version(EV_CURRENT);
	bench = open("/proc/btf_bench", O_RDWR | O_CLOEXEC);
	/* No interrupts of a serial port's between loads: all is said at the end. */
	setvbuf(stdout, out, _IOFBF, sizeof(out));
	while ((c = getopt(argc, argv, "c:gkn:p:")) != -1) {
		if (c == 'c')
			return optind < argc ? copies(atoi(optarg), argv[optind]) : 2;
		else if (c == 'g')
			return gaps();
		else if (c == 'k')
			keep = true;
		else if (c == 'n')
			times = atoi(optarg);
		else if (c == 'p')
			params = optarg;
		else
			return 2;
	}
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		for (i = 0; i < times; i++)
			load(line, params, keep);
	}
	free(line);
	return 0;
}
