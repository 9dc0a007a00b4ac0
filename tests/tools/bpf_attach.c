// SPDX-License-Identifier: GPL-2.0-only
/*
 * bpf_attach: run a command with a BPF program attached to a kernel function
 *
 * usage: bpf_attach fentry|fexit [MODULE:]FUNCTION N COMMAND...
 *
 * N is a number, or "+" for any but none.
 * Prints how often the program ran. Exit status: 0 if that was N times and the
 * command succeeded, 1 if not, 2 if it could not be attached.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>

static int fail(const char *what)
{
	fprintf(stderr, "bpf_attach: %s: %s\n", what, strerror(errno));
	return 2;
}

/* The kernel's BTF object of a module */
static int module_btf_fd(const char *module)
{
	struct bpf_btf_info info;
	__u32 id = 0, len;
	char name[64];
	int fd;

	while (!bpf_btf_get_next_id(id, &id)) {
		fd = bpf_btf_get_fd_by_id(id);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		info.name = (uintptr_t)name;
		info.name_len = sizeof(name);
		len = sizeof(info);
		if (!bpf_obj_get_info_by_fd(fd, &info, &len) && info.kernel_btf &&
		    !strcmp(name, module))
			return fd;
		close(fd);
	}
	return -1;
}

int main(int argc, char **argv)
{
	/* r0 = 0; exit: the kernel counts its runs */
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct btf *btf, *base;
	char *function;
	int id, prog, link, status;
	pid_t pid;

	if (argc < 5 || (strcmp(argv[1], "fentry") && strcmp(argv[1], "fexit"))) {
		fprintf(stderr, "usage: bpf_attach fentry|fexit [MODULE:]FUNCTION N COMMAND...\n");
		return 2;
	}
	base = btf__load_vmlinux_btf();
	btf = base;
	if (!base)
		return fail("vmlinux BTF");
	function = strchr(argv[2], ':');
	if (function) {
		*function++ = '\0';
		btf = btf__load_module_btf(argv[2], base);
		opts.attach_btf_obj_fd = module_btf_fd(argv[2]);
		if (!btf || (int)opts.attach_btf_obj_fd < 0)
			return fail(argv[2]);
	} else {
		function = argv[2];
	}
	id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
	if (id < 0)
		return fail(function);
	opts.expected_attach_type = strcmp(argv[1], "fexit") ? BPF_TRACE_FENTRY : BPF_TRACE_FEXIT;
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "count", "GPL", insns, 2, &opts);
	if (prog < 0)
		return fail("loading the program");
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		return fail("BPF statistics");
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		return fail("attaching the program");

	pid = fork();
	if (pid == 0) {
		execvp(argv[4], argv + 4);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return fail(argv[4]);
	if (bpf_obj_get_info_by_fd(prog, &info, &len))
		return fail("reading its statistics");
	close(link);
	printf("%s ran %llu times, the command's status is %d\n", argv[1],
	       (unsigned long long)info.run_cnt, WEXITSTATUS(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 1;
	if (!strcmp(argv[3], "+"))
		return !info.run_cnt;
	return info.run_cnt != strtoull(argv[3], NULL, 10);
}
