// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_run: load a BPF object with libbpf, and use its program
 *
 * usage: bpf_run OBJECT		run it once on an empty packet, print what it returns
 *	  bpf_run OBJECT FILE	attach it, write to FILE three times, print its counter
 *
 * "pid" as the result means the ID of this process. Exit status: 0 done; 1 it could
 * not be loaded, or attached: then the error is printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static int fail(const char *what, int err)
{
	printf("%s: %s\n", what, strerror(err < 0 ? -err : err));
	return 1;
}

static int run(const struct bpf_program *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	char packet[64] = "";
	int err;

	opts.data_in = packet;
	opts.data_size_in = sizeof(packet);
	err = bpf_prog_test_run_opts(bpf_program__fd(prog), &opts);
	if (err)
		return fail("run", err);
	if ((int)opts.retval == getpid())
		puts("pid");
	else
		printf("%u\n", opts.retval);
	return 0;
}

static int attach(const struct bpf_object *obj, const struct bpf_program *prog, const char *path)
{
	struct bpf_link *link = bpf_program__attach(prog);
	unsigned int i, count, zero = 0;
	int fd = open(path, O_WRONLY);

	if (!link)
		return fail("attach", errno);
	for (i = 0; i < 3; i++)
		if (fd < 0 || write(fd, "1", 1) != 1)
			return fail(path, errno);
	if (bpf_map__lookup_elem(bpf_object__find_map_by_name(obj, ".bss"), &zero, sizeof(zero),
				 &count, sizeof(count), 0))
		return fail("counter", errno);
	printf("%u\n", count);
	bpf_link__destroy(link);
	return 0;
}

int main(int argc, char **argv)
{
	const struct bpf_program *prog;
	struct bpf_object *obj;
	int err;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: bpf_run OBJECT [FILE]\n");
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj)
		return fail("open", errno);
	prog = bpf_object__next_program(obj, NULL);
	err = bpf_object__load(obj);
	if (err)
		return fail("load", err);
	return argc == 3 ? attach(obj, prog, argv[2]) : run(prog);
}
