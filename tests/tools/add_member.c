// SPDX-License-Identifier: GPL-2.0-only
/*
 * add_member: base BTF of a kernel in which a structure has one member more
 *
 * usage: add_member BTF STRUCT OUT
 *
 * BTF is raw. After the first member of STRUCT comes a new one of eight bytes, with the name
 * and type of that, and what follows moves. IDs and strings stay: modules made for the
 * one fit the other.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct btf_header *hdr;
	struct btf_type *t;
	struct btf_member *m;
	struct btf *btf;
	unsigned int i;
	size_t at, size;
	char *data;
	__u32 len;
	FILE *f;
	int id;

	if (argc != 4) {
		fprintf(stderr, "usage: add_member BTF STRUCT OUT\n");
		return 2;
	}
	btf = btf__parse_raw(argv[1]);
	if (libbpf_get_error(btf))
		errx(1, "%s: not BTF", argv[1]);
	id = btf__find_by_name_kind(btf, argv[2], BTF_KIND_STRUCT);
	if (id < 0)
		errx(1, "no struct %s", argv[2]);
	t = (struct btf_type *)btf__type_by_id(btf, id);
	hdr = (struct btf_header *)btf__raw_data(btf, &len);
	/* Before it is changed, the types are in there as they were read. */
	m = btf_members(t);
	at = (char *)(m + 1) - (char *)hdr;
	if (at > len)
		errx(1, "its bytes are not where they should be");
	size = len + sizeof(*m);
	data = malloc(size);
	memcpy(data, hdr, at);
	memcpy(data + at, m, sizeof(*m));
	memcpy(data + at + sizeof(*m), (char *)hdr + at, len - at);
	hdr = (void *)data;
	t = (void *)(data + at - sizeof(*m) - sizeof(*t));
	m = btf_members(t);
	for (i = 1; i <= btf_vlen(t); i++)
		m[i].offset += 64;
	t->size += 8;
	t->info++;
	hdr->type_len += sizeof(*m);
	hdr->str_off += sizeof(*m);
	f = fopen(argv[3], "w");
	if (!f || fwrite(data, 1, size, f) != size || fclose(f))
		err(1, "%s", argv[3]);
	return 0;
}
