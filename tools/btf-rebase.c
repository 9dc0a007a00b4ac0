// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf-rebase: the work behind "make-mismatched-build.sh rebase"
 *
 * Reads paths from standard input. For each PATH, the module PATH.new is given
 * the split BTF that it would have if its base had some more types and strings,
 * and is then renamed to PATH. Sizes never change, so that everything else in
 * the file stays where it is, to the byte.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include "btf_visit.h"
#include "elf_file.h"

static const char sig_magic[] = "~Module signature appended~\n";

/* kernel: struct module_signature, include/uapi/linux/module_signature.h */
struct module_signature {
	unsigned char algo, hash, id_type, signer_len, key_id_len, pad[3];
	unsigned int sig_len;	/* big endian */
};

/* How the altered base differs: @types more types before type @at. */
struct shift {
	unsigned int at;
	unsigned int types;
	unsigned int strings;
};

static void fail(const char *fmt, ...)
{
	va_list args;

	fputs("btf-rebase: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static struct btf *check(struct btf *btf, const char *what)
{
	long err = libbpf_get_error(btf);

	if (err)
		fail("%s: %s", what, strerror(-err));
	return btf;
}

/* The byte order of the base: of the machine that it is for. */
static enum btf_endianness file_order;

/* libbpf keeps BTF in this machine's order, but gives it back in its file's unless told. */
static struct btf *to_native(struct btf *btf)
{
	int one = 1;

	btf__set_endianness(btf, *(char *)&one ? BTF_LITTLE_ENDIAN : BTF_BIG_ENDIAN);
	return btf;
}

static const void *to_file(struct btf *btf, unsigned int *size)
{
	btf__set_endianness(btf, file_order);
	return btf__raw_data(btf, size);
}

/* The string section of @btf itself, without its base's. */
static const char *own_strings(const struct btf *btf, unsigned int *len)
{
	unsigned int size;
	const char *raw = btf__raw_data(btf, &size);
	const struct btf_header *hdr = (const void *)raw;

	if (!raw)
		fail("cannot read BTF: %s", strerror(errno));
	*len = hdr->str_len;
	return raw + hdr->hdr_len + hdr->str_off;
}

static void add_string(struct btf *btf, const char *s)
{
	int err = btf__add_str(btf, s);

	if (err < 0)
		fail("cannot add a string: %s", strerror(-err));
}

static void move_id(__u32 *id, void *arg)
{
	const struct shift *shift = arg;

	if (*id && *id >= shift->at)
		*id += shift->types;
}

static void copy_type(struct btf *to, const struct btf *from, unsigned int id,
		      const struct shift *shift)
{
	const struct btf_visitor v = { .id = move_id, .arg = (void *)shift };
	int new_id = btf__add_type(to, from, btf__type_by_id(from, id));

	if (new_id < 0)
		fail("cannot copy type %u: %s", id, strerror(-new_id));
	if (!btf_visit(btf__type_by_id(to, new_id), &v))
		fail("BTF kind of type %u is not known", id);
}

/* The names are made up so that no module has them among its own strings. */
static const char *added_name(unsigned int i)
{
	static char name[32];

	snprintf(name, sizeof(name), "btf_rebase_added_%u", i);
	return name;
}

/* FUNC_PROTO and FUNC in turn, as two new functions would add them. */
static void add_types(struct btf *btf, const struct shift *shift)
{
	unsigned int i, proto = 0, names = shift->strings ? shift->strings : 1;
	int err;

	for (i = 0; i < shift->types; i++) {
		if (i % 2 == 0) {
			err = btf__add_func_proto(btf, 1);
			proto = err;
			if (err > 0 && btf__add_func_param(btf, "", 1))
				fail("cannot add a parameter");
		} else {
			err = btf__add_func(btf, added_name(i / 2 % names), BTF_FUNC_STATIC,
					    proto);
		}
		if (err < 0)
			fail("cannot add a type: %s", strerror(-err));
	}
}

static struct btf *alter_base(const struct btf *base, const struct shift *shift)
{
	struct btf *new = check(btf__new_empty(), "new base");
	unsigned int len, off, i, id, n = btf__type_cnt(base), str_at = 0;
	const char *strs = own_strings(base, &len);

	/* The strings go before the name of the first type that moves. */
	for (id = shift->at; id < n && !str_at; id++)
		str_at = btf__type_by_id(base, id)->name_off;
	if (!str_at)
		str_at = len;
	for (off = 0; off <= len; off += strlen(strs + off) + 1) {
		if (off == str_at)
			for (i = 0; i < shift->strings; i++)
				add_string(new, added_name(i));
		if (off < len)
			add_string(new, strs + off);
		else
			break;
	}

	for (id = 1; id < n; id++) {
		if (id == shift->at)
			add_types(new, shift);
		copy_type(new, base, id, shift);
	}
	if (shift->at == n)
		add_types(new, shift);
	return new;
}

/* The split BTF at @data in the file @path, from @base to @new_base, in place. */
static bool rebase(const char *path, void *data, size_t size, struct btf *base,
		   struct btf *new_base, const struct shift *shift)
{
	struct btf *old = btf__parse_split(path, base), *new, *seen;
	unsigned int len, off, id, raw_size, first = btf__type_cnt(base);
	const char *strs;
	const void *raw;

	if (libbpf_get_error(old) || btf_validate(old, first, NULL, NULL, 0))
		return false;
	to_native(old);
	new = to_native(check(btf__new_empty_split(new_base), "new split BTF"));
	strs = own_strings(old, &len);
	for (off = 0; off < len; off += strlen(strs + off) + 1)
		add_string(new, strs + off);
	for (id = first; id < btf__type_cnt(old); id++)
		copy_type(new, old, id, shift);
	raw = to_file(new, &raw_size);
	if (!raw || raw_size != size)
		return false;
	memcpy(data, raw, size);

	/* What a reader of the altered base will find in the file. */
	seen = check(btf__parse_split(path, new_base), path);
	for (id = first; id < btf__type_cnt(old); id++) {
		const struct btf_type *a = btf__type_by_id(old, id);
		const struct btf_type *b = btf__type_by_id(seen, id + shift->types);

		if (!b || a->info != b->info ||
		    strcmp(btf__name_by_offset(old, a->name_off),
			   btf__name_by_offset(seen, b->name_off)))
			return false;
	}
	btf__free(seen);
	btf__free(new);
	btf__free(old);
	return true;
}

/* The length of the file @map without an appended signature. */
static size_t unsigned_size(const char *map, size_t size)
{
	const size_t tail = sizeof(sig_magic) - 1 + sizeof(struct module_signature);
	struct module_signature sig;

	if (size < tail || memcmp(map + size - (sizeof(sig_magic) - 1), sig_magic,
				  sizeof(sig_magic) - 1))
		return size;
	memcpy(&sig, map + size - tail, sizeof(sig));
	size -= tail;
	if (ntohl(sig.sig_len) + sig.signer_len + sig.key_id_len > size)
		return size;
	return size - ntohl(sig.sig_len) - sig.signer_len - sig.key_id_len;
}

static int rebase_module(const char *path, struct btf *base, struct btf *new_base,
			 const struct shift *shift)
{
	struct elf_section s[] = { { .name = ".BTF" }, { .name = ".BTF.base" } };
	char *work, *map;
	size_t size;
	struct stat st;
	int fd, ret = 0;

	if (asprintf(&work, "%s.new", path) < 0)
		fail("out of memory");
	fd = open(work, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		fail("%s: %s", work, strerror(errno));
	map = mmap(NULL, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		fail("%s: %s", work, strerror(errno));

	size = unsigned_size(map, st.st_size);
	elf_find_sections(map, size, s, 2, NULL, 0);
	/* A module with a base of its own does not depend on vmlinux's. */
	if (s[0].size && !s[1].data &&
	    !rebase(work, (char *)s[0].data, s[0].size, base, new_base, shift)) {
		fprintf(stderr, "btf-rebase: %s: its BTF does not fit the base\n", path);
		ret = -1;
	}
	munmap(map, st.st_size);
	if (!ret && (ftruncate(fd, size) || rename(work, path)))
		fail("%s: %s", path, strerror(errno));
	if (ret)
		unlink(work);
	close(fd);
	free(work);
	return ret;
}

static unsigned int first_func(const struct btf *btf)
{
	unsigned int id;

	for (id = 1; id < btf__type_cnt(btf); id++)
		if (btf_is_func(btf__type_by_id(btf, id)))
			break;
	return id;
}

static unsigned int count_arg(const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 0);

	if (!*arg || *end || *arg == '-' || n > 10000000)
		fail("'%s' is no number of types or strings", arg);
	return n;
}

static void print_stat(const char *path)
{
	struct btf *btf = to_native(check(btf__parse(path, NULL), path));
	unsigned int len;

	own_strings(btf, &len);
	printf("%u %u\n", btf__type_cnt(btf), len);
	btf__free(btf);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "base", required_argument, NULL, 'b' },
		{ "out-base", required_argument, NULL, 'o' },
		{ "at", required_argument, NULL, 'a' },
		{ "types", required_argument, NULL, 't' },
		{ "strings", required_argument, NULL, 's' },
		{ "stat", required_argument, NULL, 'S' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct shift shift = { .types = 4, .strings = 2 };
	const char *base_path = NULL, *out_path = NULL;
	struct btf *base, *new_base;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int opt, ret = 0;
	unsigned int size;
	const void *raw;
	FILE *f;

	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'b':
			base_path = optarg;
			break;
		case 'o':
			out_path = optarg;
			break;
		case 'a':
			shift.at = count_arg(optarg);
			break;
		case 't':
			shift.types = count_arg(optarg);
			break;
		case 's':
			shift.strings = count_arg(optarg);
			break;
		case 'S':
			print_stat(optarg);
			return 0;
		case 'h':
			puts("Usage: btf-rebase --base FILE --out-base FILE [--at ID] [--types N]\n"
			     "                  [--strings N] <PATHS\n"
			     "       btf-rebase --stat FILE\n"
			     "\n"
			     "The first is the work behind \"make-mismatched-build.sh rebase\". The second\n"
			     "says how many types the BTF of FILE has, and how long its strings are.");
			return 0;
		default:
			return 2;
		}
	}
	if (!base_path || !out_path || optind < argc)
		fail("use make-mismatched-build.sh");

	base = check(btf__parse(base_path, NULL), base_path);
	file_order = btf__endianness(base);
	to_native(base);
	if (!shift.at)
		shift.at = first_func(base);
	if (shift.at > btf__type_cnt(base))
		fail("--at %u: the base has %u types", shift.at, btf__type_cnt(base));
	new_base = alter_base(base, &shift);
	raw = to_file(new_base, &size);
	f = fopen(out_path, "w");
	if (!raw || !f || fwrite(raw, size, 1, f) != 1 || fclose(f))
		fail("%s: %s", out_path, strerror(errno));
	to_native(new_base);

	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		if (rebase_module(line, base, new_base, &shift))
			ret = 1;
	}
	free(line);
	btf__free(new_base);
	btf__free(base);
	return ret;
}
