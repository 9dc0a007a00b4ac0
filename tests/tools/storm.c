// SPDX-License-Identifier: GPL-2.0-only
/*
 * storm: load and unload modules, or flip the policy, without the cost of a
 * new process each time
 *
 * usage: storm load KO	    in and out until /tmp/go is gone
 *	  storm policy	    0, 1 and 2 in turn, and /proc/btf_tolerant read, likewise
 *	  storm cycle KO N  N times in and out; ends early if that fails
 *
 * Says what it did as "key value" lines. "hits" counts the cycles in which the
 * btf_tolerant had dropped a module before it was unloaded again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char report[] = "/proc/btf_tolerant";

/* The module's name: its file's, as there is no '-' in those used here. */
static char *module_name(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name = strdup(base ? base + 1 : path);

	*strstr(name, ".ko") = '\0';
	return name;
}

static int load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return err;
}

/* A load that runs through btf_tolerant holds it for its moment: EBUSY, EAGAIN. */
static int unload(const char *name)
{
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (!syscall(SYS_delete_module, name, O_NONBLOCK))
			return 0;
		if (errno != EBUSY && errno != EAGAIN)
			return -errno;
		usleep(1000);
	}
	return -EBUSY;
}

/* The number behind @key in the report, or 0. */
static long reported(const char *key)
{
	FILE *f = fopen(report, "r");
	char line[256];
	long n = 0;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == '\t')
			n = atol(line + strlen(key));
	if (f)
		fclose(f);
	return n;
}

static int going(void)
{
	return !access("/tmp/go", F_OK);
}

static void storm_load(const char *path)
{
	unsigned long loaded = 0, refused = 0, other = 0;
	char *name = module_name(path);

	while (going()) {
		int err = load(path);

		if (!err && !unload(name))
			loaded++;
		else if (err == EINVAL)
			refused++;
		else
			other++;
	}
	printf("loaded %lu\nrefused %lu\nother %lu\n", loaded, refused, other);
	free(name);
}

static void storm_policy(void)
{
	unsigned long n;

	for (n = 0; going(); n++) {
		int fd = open("/proc/sys/kernel/btf_mismatch_policy", O_WRONLY);

		if (fd >= 0) {
			static const char * const value[] = { "0\n", "1\n", "2\n" };

			if (write(fd, value[n % 3], 2) != 2)
				perror("policy");
			close(fd);
		}
		reported("seen");
		usleep(5000);
	}
	printf("flips %lu\n", n);
}

static int storm_cycle(const char *path, int cycles)
{
	char *name = module_name(path);
	int n, hits = 0, err = 0;

	for (n = 0; n < cycles && !err; n++) {
		err = load(path);
		if (err)
			break;
		usleep(300000);
		hits += reported("dropped") > 0;
		err = unload(name);
	}
	printf("cycles %d\nhits %d\nerror %d\n", n, hits, err);
	free(name);
	return err;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "load")) {
		storm_load(argv[2]);
		return 0;
	} else if (argc == 2 && !strcmp(argv[1], "policy")) {
		storm_policy();
		return 0;
	} else if (argc == 4 && !strcmp(argv[1], "cycle")) {
		return storm_cycle(argv[2], atoi(argv[3])) ? 1 : 0;
	}
	fprintf(stderr, "usage: storm load KO | policy | cycle KO N\n");
	return 2;
}
