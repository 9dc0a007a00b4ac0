// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_run: load a BPF object with libbpf, and use its program
 *
 * usage: bpf_run OBJECT		run it once on an empty packet, print what it returns
 *	  bpf_run OBJECT FILE	attach it, write to FILE three times, print its counter
 *	  bpf_run -k ID BTF	call the kfunc with this ID in the kernel's BTF of this name
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

/* The kernel's BTF object for @name: vmlinux or a module. */
static int kernel_btf(const char *name)
{
	__u32 id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		char this[64] = "";
		struct bpf_btf_info info = {
			.name = (unsigned long)this,
			.name_len = sizeof(this),
		};
		__u32 len = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf &&
		    !strcmp(this, name))
			return fd;
		close(fd);
	}
	return -1;
}

/* As no library would do it: the number of the function, for the verifier to judge. */
static int call(int id, const char *name)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = 40 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 2 },
		{ .code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = id },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	static char log[65536];
	int fds[2] = { -1, -1 };
	int fd;

	if (strcmp(name, "vmlinux")) {
		fds[1] = kernel_btf(name);
		if (fds[1] < 0)
			return fail("no such BTF", errno);
		opts.fd_array = fds;
		insns[2].off = 1;
	}
	opts.log_buf = log;
	opts.log_size = sizeof(log);
	opts.log_level = 1;
	fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "call", "GPL", insns, 4, &opts);
	printf("%s%s\n", log, fd < 0 ? "rejected" : "accepted");
	return fd < 0;
}

int main(int argc, char **argv)
{
	const struct bpf_program *prog;
	struct bpf_object *obj;
	int err;

	if (argc == 4 && !strcmp(argv[1], "-k"))
		return call(atoi(argv[2]), argv[3]);
	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: bpf_run OBJECT [FILE] | -k ID BTF\n");
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
