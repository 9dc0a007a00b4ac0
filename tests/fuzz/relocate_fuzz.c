// SPDX-License-Identifier: GPL-2.0-only
/*
 * relocate_fuzz: relocate modules' BTF with some of its bytes changed, one to three together
 *
 * usage: relocate_fuzz SEED SECONDS OLD NEW BTF...
 *
 * OLD and NEW are raw BTF of two kernels, each BTF was made for OLD; some can be relocated. Built
 * with ASan and UBSan. What is said to be relocated must fit NEW, and each BTF as it is must give
 * the same bytes at the end as at the beginning. Prints how each try has ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/libbpf.h>

#include "check.h"
#include "relocate.h"
#include "util.h"

#define TOGETHER	3
/* Newer headers have a longer struct btf_header than what is in modules. */
#define HEADER_LEN	24
#define NAME_MAX_LEN	(1 << 20)

struct blob {
	void *data;
	size_t size;
};

static unsigned long long state;
/* The length of OLD's strings: own ones count on from there. */
static unsigned int old_strings;

static unsigned long long rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static size_t below(size_t n)
{
	return n ? rnd() % n : 0;
}

static struct blob read_blob(const char *path)
{
	struct blob b;
	char err[ERR_LEN];

	if (!read_plain(path, 64 << 20, &b.data, &b.size, err, sizeof(err)))
		return b;
	fprintf(stderr, "%s: %s\n", path, err);
	exit(2);
}

/* BTF of "void f(void)" and nothing else: it refers to no named type, so libbpf's base is empty. */
static struct blob void_function(const struct check_base *old)
{
	struct btf *base = check_base_btf(old), *split = btf__new_empty_split(base);
	const struct btf_type *t;
	const void *data;
	struct blob b;
	__u32 id, size;

	for (id = 1; (t = btf__type_by_id(base, id)); id++)
		if (btf_is_func_proto(t) && !t->type && !btf_vlen(t))
			break;
	if (!t || btf__add_func(split, "relocate_fuzz_void", BTF_FUNC_STATIC, id) < 0)
		abort();
	data = btf__raw_data(split, &size);
	b.data = memcpy(xmalloc(size), data, size);
	b.size = size;
	btf__free(split);
	return b;
}

/* libbpf would follow these pointers by recursion, deeper than any stack. */
static void try_deep(void)
{
	struct btf *base = btf__new_empty(), *split;
	struct check_base *check;
	struct relocator *r;
	struct module_file m = { };
	struct relocated out;
	char err[ERR_LEN];
	const void *data;
	__u32 size;
	int i, id;

	id = btf__add_int(base, "int", 4, BTF_INT_SIGNED);
	for (i = 0; i < 200000; i++)
		id = btf__add_ptr(base, id);
	data = btf__raw_data(base, &size);
	check = check_base_new(data, size, err, sizeof(err));
	r = check ? relocator_new(check, check, err, sizeof(err)) : NULL;
	split = btf__new_empty_split(base);
	id = btf__add_func_proto(split, id);
	if (!r || btf__add_func(split, "relocate_fuzz_deep", BTF_FUNC_STATIC, id) < 0)
		abort();
	m.btf = (void *)btf__raw_data(split, &size);
	m.btf_size = size;
	relocate_begin(r, &m, &out);
	relocate_all(r, &out, 1);
	if (out.verdict != RELOCATE_IMPOSSIBLE)
		abort();
	relocated_free(&out);
	relocator_free(r);
	check_base_free(check);
	btf__free(split);
	btf__free(base);
}

/* A type gets a name that is longer than any: as long as the whole strings section, or more. */
static void long_name(struct blob *b)
{
	struct btf_header *hdr = b->data;
	size_t len = 1 + below(NAME_MAX_LEN), at;
	unsigned int name;
	char *new;

	/* Strings come last, as the kernel wants it. */
	if (b->size < HEADER_LEN)
		return;
	at = (size_t)hdr->hdr_len + hdr->type_off;
	if (at > b->size || b->size - at < 12)
		return;
	new = xmalloc(b->size + len + 1);
	memcpy(new, b->data, b->size);
	memset(new + b->size, 'n', len);
	new[b->size + len] = '\0';
	free(b->data);
	b->data = new;
	hdr = b->data;
	name = old_strings + hdr->str_len;
	memcpy(new + at, &name, 4);
	hdr->str_len += len + 1;
	b->size += len + 1;
}

/* A header that is longer by a byte, so that no type is where a processor would want it. */
static void misalign(struct blob *b)
{
	struct btf_header *hdr = b->data;
	size_t len = hdr->hdr_len;
	char *new;

	if (len < HEADER_LEN || len > b->size)
		return;
	new = xmalloc(b->size + 1);
	memcpy(new, b->data, len);
	new[len] = '\0';
	memcpy(new + len + 1, (char *)b->data + len, b->size - len);
	free(b->data);
	b->data = new;
	b->size++;
	hdr = b->data;
	hdr->hdr_len++;
}

static void damage(struct blob *b)
{
	size_t n = below(6), at;
	unsigned int word;

	while (n--) {
		at = below(b->size - 4);
		switch (below(5)) {
		case 0:
			((char *)b->data)[at] = rnd();
			break;
		case 1:
			((char *)b->data)[at] += rnd() & 1 ? 1 : -1;
			break;
		case 2:
			word = below(40000);
			memcpy((char *)b->data + (at & ~3ul), &word, 4);
			break;
		case 3:
			memcpy((char *)b->data + (at & ~3ul),
			       (char *)b->data + (below(b->size - 4) & ~3ul), 4);
			break;
		default:
			if (!below(20))
				long_name(b);
			else if (!below(20))
				misalign(b);
		}
	}
	if (!below(50))
		b->size -= below(b->size);
}

/* Return: what came of it, for the caller to free; NULL for nothing */
static void *relocate_whole(const struct relocator *r, const struct blob *b, size_t *size)
{
	struct module_file m = { .btf = b->data, .btf_size = b->size };
	struct relocated out;
	void *data;

	relocate_begin(r, &m, &out);
	relocate_all(r, &out, 1);
	data = out.verdict == RELOCATE_DONE ? out.data : NULL;
	*size = out.size;
	if (data)
		out.data = NULL;
	relocated_free(&out);
	return data;
}

static void try(const struct relocator *r, const struct check_base *new, const struct blob *whole,
		size_t n_whole, unsigned long *ended)
{
	size_t i, n = 1 + below(TOGETHER);
	struct blob b[TOGETHER];
	struct relocated out[TOGETHER];
	char why[64];

	for (i = 0; i < n; i++) {
		const struct blob *from = &whole[below(n_whole)];
		struct module_file m;

		b[i].size = from->size;
		b[i].data = memcpy(xmalloc(from->size), from->data, from->size);
		damage(&b[i]);
		m = (struct module_file){ .btf = b[i].data, .btf_size = b[i].size };
		relocate_begin(r, &m, &out[i]);
		free(b[i].data);
	}
	relocate_all(r, out, n);
	for (i = 0; i < n; i++) {
		struct module_file m = { .btf = out[i].data, .btf_size = out[i].size };

		ended[out[i].verdict]++;
		/* The name is the base's, which libbpf may have moved. */
		if (out[i].verdict == RELOCATE_DIFFERS && !strlen(out[i].use.type->name))
			abort();
		if (out[i].verdict == RELOCATE_DONE &&
		    check_module(new, &m, why, sizeof(why)) != MODULE_FITS)
			abort();
		relocated_free(&out[i]);
	}
}

int main(int argc, char **argv)
{
	unsigned long ended[RELOCATE_FAILED + 1] = { };
	struct check_base *old, *new;
	struct blob base[2], odd, *whole;
	struct relocator *r;
	char err[ERR_LEN];
	size_t n = argc - 4, i;
	time_t until;
	void **first;

	if (argc < 6)
		return 2;
	libbpf_set_print(NULL);
	try_deep();
	state = strtoull(argv[1], NULL, 10) * 2 + 1;
	base[0] = read_blob(argv[3]);
	base[1] = read_blob(argv[4]);
	old_strings = ((struct btf_header *)base[0].data)->str_len;
	old = check_base_new(base[0].data, base[0].size, err, sizeof(err));
	new = check_base_new(base[1].data, base[1].size, err, sizeof(err));
	r = old && new ? relocator_new(old, new, err, sizeof(err)) : NULL;
	if (!r) {
		fprintf(stderr, "%s\n", err);
		return 2;
	}
	whole = xcalloc(n, sizeof(*whole));
	first = xcalloc(n, sizeof(*first));
	for (i = 0; i < n; i++) {
		size_t size;

		whole[i] = i < n - 1 ? read_blob(argv[i + 5]) : void_function(old);
		first[i] = relocate_whole(r, &whole[i], &size);
	}
	if (!first[n - 1])
		abort();
	odd = void_function(old);
	misalign(&odd);
	if (relocate_whole(r, &odd, &odd.size))
		abort();
	free(odd.data);
	until = time(NULL) + atol(argv[2]);
	while (time(NULL) < until)
		try(r, new, whole, n, ended);
	for (i = 0; i < n; i++) {
		size_t size;
		void *again = relocate_whole(r, &whole[i], &size);

		if (!again != !first[i] || (again && memcmp(again, first[i], size)))
			abort();
		free(again);
		free(first[i]);
		free(whole[i].data);
	}
	free(first);
	free(whole);
	relocator_free(r);
	check_base_free(new);
	check_base_free(old);
	free(base[0].data);
	free(base[1].data);
	printf("relocated %lu other %lu differs %lu failed %lu\n", ended[RELOCATE_DONE],
	       ended[RELOCATE_OTHER], ended[RELOCATE_DIFFERS],
	       ended[RELOCATE_FAILED] + ended[RELOCATE_IMPOSSIBLE]);
	return 0;
}
