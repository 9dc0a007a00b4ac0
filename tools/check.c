// SPDX-License-Identifier: GPL-2.0-only
/* Does a module fit a base? */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "btf_visit.h"
#include "check.h"
#include "util.h"
#include "../src/btf_check.h"

/* Newer headers of the kernel have a struct btf_header with more. */
#define HEADER_MIN	(offsetof(struct btf_header, str_len) + sizeof(__u32))
/* Real bases are below 10 MB. */
#define BTF_SIZE_MAX	((size_t)1 << 30)

struct check_base {
	struct btf *btf;
	struct btf_base strings;	/* for src/btf_check.c */
	bool swapped;			/* made for a machine of the other byte order */
};

static const char * const verdict_names[] = {
	[MODULE_FITS] = "fits", [MODULE_OTHER_BUILD] = "other-build",
	[MODULE_BROKEN] = "broken", [MODULE_OWN_BASE] = "own-base",
	[MODULE_NO_BTF] = "no-btf",
};

const char *module_verdict_name(enum module_verdict verdict)
{
	return verdict < MODULE_VERDICTS ? verdict_names[verdict] : "";
}

/* The magic number of the other byte order? */
static bool is_swapped(const void *btf, size_t size)
{
	__u16 magic;

	if (size < sizeof(magic))
		return false;
	memcpy(&magic, btf, sizeof(magic));
	return magic == __builtin_bswap16(BTF_MAGIC);
}

static void swap_words(char *p, size_t n)
{
	__u32 word;

	for (; n; n--, p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		word = __builtin_bswap32(word);
		memcpy(p, &word, sizeof(word));
	}
}

/*
 * BTF of the other byte order as this machine has it, or NULL if it is cut off. From malloc().
 *
 * All but the strings and the first four bytes is words. libbpf swaps, too; but from 1.2 on it
 * refuses split BTF of another build, without saying that it is of another build.
 */
static void *swap(const void *btf, size_t size)
{
	struct btf_header hdr;
	size_t words;
	char *copy;

	if (size < HEADER_MIN)
		return NULL;
	copy = xmalloc(size);
	memcpy(copy, btf, size);
	memcpy(&hdr, copy, HEADER_MIN);
	words = __builtin_bswap32(hdr.hdr_len) / sizeof(__u32);
	if (words > size / sizeof(__u32) || words < HEADER_MIN / sizeof(__u32))
		goto fail;
	hdr.magic = BTF_MAGIC;
	memcpy(copy, &hdr, sizeof(hdr.magic));
	swap_words(copy + sizeof(__u32), words - 1);
	memcpy(&hdr, copy, HEADER_MIN);
	if ((size_t)hdr.hdr_len + hdr.type_off > size ||
	    hdr.type_len > size - hdr.hdr_len - hdr.type_off)
		goto fail;
	swap_words(copy + hdr.hdr_len + hdr.type_off, hdr.type_len / sizeof(__u32));
	return copy;
fail:
	free(copy);
	return NULL;
}

/* libbpf asks this of the types' offset only, and then reads types from any address. */
static bool is_aligned(const void *btf, size_t size)
{
	struct btf_header hdr;

	if (size < HEADER_MIN)
		return false;
	memcpy(&hdr, btf, HEADER_MIN);
	return !(hdr.hdr_len % sizeof(__u32));
}

struct check_base *check_base_new(const void *btf, size_t size, char *err, size_t errlen)
{
	struct check_base *base = xcalloc(1, sizeof(*base));
	const struct btf_header *hdr;
	void *copy = NULL;
	const void *raw;
	__u32 raw_size;
	long error;

	if (size > BTF_SIZE_MAX) {
		set_error(err, errlen, "is too large for BTF");
		goto fail;
	}
	base->swapped = is_swapped(btf, size);
	if (base->swapped)
		copy = swap(btf, size);
	error = -EINVAL;
	if (is_aligned(copy ?: btf, size)) {
		base->btf = btf__new(copy ?: btf, size);
		error = libbpf_get_error(base->btf);
	}
	free(copy);
	if (error) {
		base->btf = NULL;
		set_error(err, errlen, "its BTF cannot be read: %s", strerror(-error));
		goto fail;
	}
	raw = btf__raw_data(base->btf, &raw_size);
	if (!raw || btf_count_types(raw, raw_size) != (long)btf__type_cnt(base->btf) - 1) {
		set_error(err, errlen, "its BTF is malformed");
		goto fail;
	}
	if (btf_validate(base->btf, 1, NULL, err, errlen))
		goto fail;
	hdr = raw;
	base->strings.types = btf__type_cnt(base->btf) - 1;
	base->strings.bits = xcalloc(1, btf_base_bitmap_size(hdr->str_len));
	btf_base_note_strings(&base->strings, (const char *)raw + hdr->hdr_len + hdr->str_off,
			      hdr->str_len);
	return base;
fail:
	check_base_free(base);
	return NULL;
}

/* check_base_free() - free it and the BTF object in it; NULL is taken */
void check_base_free(struct check_base *base)
{
	if (!base)
		return;
	btf__free(base->btf);
	free(base->strings.bits);
	free(base);
}

struct btf *check_base_btf(const struct check_base *base)
{
	return base->btf;
}

/* Count names. */
static void count_name(__u32 *name_off, void *arg)
{
	*(size_t *)arg += *name_off != 0;
}

/* Has a type of @split's own a name? Else nothing says what base it was made for. */
static bool has_names(const struct btf *split, __u32 first)
{
	size_t names = 0;
	const struct btf_visitor v = { .name = count_name, .arg = &names };

	for (; first < btf__type_cnt(split) && !names; first++)
		btf_visit(btf__type_by_id(split, first), &v);
	return names;
}

/*
 * libbpf before 1.6 reads split BTF from files only (btf__new_split() is in its header, but
 * not in the library): give it one that is in memory. Return: negative if it could not.
 */
static long read_split(const void *data, size_t size, struct btf *base, struct btf **split)
{
	int fd = memfd_create("btf", MFD_CLOEXEC);
	char path[32];
	long error;

	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) != (ssize_t)size) {
		close(fd);
		return -EIO;
	}
	*split = btf__parse_raw_split(path, base);
	error = libbpf_get_error(*split);
	close(fd);
	return error;
}

/* @btf: a module's, in the byte order of this machine */
static struct btf *parse_split(const struct check_base *base, const void *btf, size_t size,
			       char *err, size_t errlen)
{
	struct btf *split = NULL;
	long error;

	error = size > BTF_SIZE_MAX ? -EFBIG : is_aligned(btf, size) ? 0 : -EINVAL;
	if (!error)
		error = read_split(btf, size, base->btf, &split);
	if (error) {
		set_error(err, errlen, "its BTF cannot be read: %s", strerror(-error));
		return NULL;
	}
	return split;
}

struct btf *check_split(const struct check_base *base, const struct module_file *m, char *err,
			size_t errlen)
{
	void *copy = is_swapped(m->btf, m->btf_size) ? swap(m->btf, m->btf_size) : NULL;
	struct btf *split = parse_split(base, copy ?: m->btf, m->btf_size, err, errlen);

	free(copy);
	if (split && btf_validate(split, btf__type_cnt(base->btf), NULL, err, errlen)) {
		btf__free(split);
		return NULL;
	}
	return split;
}

/* Was it made for another base, for sure? */
static bool is_wrong(enum btf_verdict verdict)
{
	return verdict == BTF_WRONG_NAMES || verdict == BTF_WRONG_STRINGS ||
	       verdict == BTF_WRONG_TYPES;
}

/* Judge a module's BTF, which is in the byte order of this machine. @ret_split: if it fits */
static enum module_verdict check_btf(const struct check_base *base, const void *btf, size_t size,
				     struct btf **ret_split, char *why, size_t whylen)
{
	enum btf_verdict verdict = btf_check(btf, size, &base->strings);
	enum module_verdict ret = MODULE_FITS;
	__u32 first = btf__type_cnt(base->btf);
	struct btf *split;
	bool in_base;

	/* From 1.2 on libbpf refuses BTF of another build as it does what is malformed. */
	if (is_wrong(verdict))
		return MODULE_OTHER_BUILD;
	split = parse_split(base, btf, size, why, whylen);
	if (!split)
		return MODULE_BROKEN;
	if (verdict == BTF_UNJUDGED) {
		set_error(why, whylen, "its BTF cannot be read");
		ret = MODULE_BROKEN;
	} else if (btf_validate(split, first, &in_base, why, whylen)) {
		ret = in_base || !has_names(split, first) ? MODULE_OTHER_BUILD : MODULE_BROKEN;
		if (ret == MODULE_OTHER_BUILD && whylen)
			*why = '\0';
	}
	if (ret == MODULE_FITS)
		*ret_split = split;
	else
		btf__free(split);
	return ret;
}

enum module_verdict check_module(const struct check_base *base, const struct module_file *m,
				 char *why, size_t whylen)
{
	struct btf *split;
	enum module_verdict ret = check_and_split(base, m, &split, why, whylen);

	btf__free(split);
	return ret;
}

enum module_verdict check_and_split(const struct check_base *base, const struct module_file *m,
				    struct btf **split, char *why, size_t whylen)
{
	enum module_verdict ret;
	void *copy = NULL;

	*split = NULL;
	if (whylen)
		*why = '\0';
	if (m->has_base)
		return MODULE_OWN_BASE;
	if (!m->btf)
		return MODULE_NO_BTF;
	if (is_swapped(m->btf, m->btf_size) != base->swapped) {
		set_error(why, whylen, "its BTF is of the other byte order");
		return MODULE_BROKEN;
	}
	if (base->swapped)
		copy = swap(m->btf, m->btf_size);
	if (base->swapped && !copy) {
		set_error(why, whylen, "its BTF is cut off");
		return MODULE_BROKEN;
	}
	ret = check_btf(base, copy ?: m->btf, m->btf_size, split, why, whylen);
	free(copy);
	return ret;
}
