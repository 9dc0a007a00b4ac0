// SPDX-License-Identifier: GPL-2.0-only
/*
 * btf_meaning: what a module's BTF says, without a number in it
 *
 * usage: btf_meaning BASE OTHER_BASE < PATHS
 *
 * Each line of PATHS is a module (or its raw BTF) made for BASE, and with a space between one
 * for OTHER_BASE. Prints the path of each pair of which the second does not say all that the
 * first does, and the first line in which they differ; then how many do. libbpf spells the types.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

static void print(void *ctx, const char *fmt, va_list args)
{
	vfprintf(*(FILE **)ctx, fmt, args);
}

static void spell(struct btf_dump *d, FILE *f, __u32 id, const char *name)
{
	LIBBPF_OPTS(btf_dump_emit_type_decl_opts, opts, .field_name = name);

	if (!id)
		fprintf(f, "void %s", name);
	else
		btf_dump__emit_type_decl(d, id, &opts);
	fputc(';', f);
}

/* One line for each type that has a name of its own; typedefs are spelled where they are used. */
static void describe(struct btf_dump *d, FILE *f, const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const char *name = btf__name_by_offset(btf, t->name_off);
	unsigned int i;

	switch (btf_kind(t)) {
	case BTF_KIND_FUNC:
		t = btf__type_by_id(btf, t->type);
		fprintf(f, "func %s:", name);
		spell(d, f, t->type, "");
		for (i = 0; i < btf_vlen(t); i++)
			spell(d, f, btf_params(t)[i].type,
			      btf__name_by_offset(btf, btf_params(t)[i].name_off));
		break;
	case BTF_KIND_VAR:
		fprintf(f, "var:");
		spell(d, f, t->type, name);
		break;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		fprintf(f, "%s %s %u:", btf_is_struct(t) ? "struct" : "union", name, t->size);
		for (i = 0; i < btf_vlen(t); i++) {
			fprintf(f, "%u/%u ", btf_member_bit_offset(t, i),
				btf_member_bitfield_size(t, i));
			spell(d, f, btf_members(t)[i].type,
			      btf__name_by_offset(btf, btf_members(t)[i].name_off));
		}
		break;
	case BTF_KIND_ENUM:
		fprintf(f, "enum %s %u:", name, t->size);
		for (i = 0; i < btf_vlen(t); i++)
			fprintf(f, "%s=%d;", btf__name_by_offset(btf, btf_enum(t)[i].name_off),
				btf_enum(t)[i].val);
		break;
	default:
		return;
	}
	fputc('\n', f);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char **)a, *(char **)b);
}

/* Sorted lines, NULL at the end. */
static char **lines(const char *path, struct btf *base, size_t *n)
{
	struct btf *btf = btf__parse_split(path, base);
	char *text = NULL, **ret, *line, *save = NULL;
	size_t size, room = 1;
	struct btf_dump *d;
	FILE *out = NULL;
	__u32 id;

	*n = 0;
	if (libbpf_get_error(btf))
		return NULL;
	d = btf_dump__new(btf, print, &out, NULL);
	if (libbpf_get_error(d))
		return NULL;
	out = open_memstream(&text, &size);
	for (id = btf__type_cnt(base); id < btf__type_cnt(btf); id++)
		describe(d, out, btf, id);
	fclose(out);
	btf_dump__free(d);
	btf__free(btf);
	/* A struct without a name is spelled in several lines. */
	for (line = text; *line; line++)
		room += *line == '\n';
	ret = calloc(room, sizeof(*ret));
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		ret[(*n)++] = line;
	qsort(ret, *n, sizeof(*ret), by_text);
	return ret;
}

/* The first of @a that @b has not, NULL if it has all. Unnamed types may be more in @b. */
static const char *missing(char **a, size_t n, char **b, size_t m)
{
	size_t i, j = 0;

	for (i = 0; i < n; i++, j++) {
		while (j < m && strcmp(a[i], b[j]) > 0)
			j++;
		if (j == m || strcmp(a[i], b[j]))
			return a[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	size_t pairs = 0, types = 0, n, m;
	char *line = NULL, *other, **a, **b;
	struct btf *base, *other_base;
	size_t room = 0;
	int bad = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: btf_meaning BASE OTHER_BASE < PATHS\n");
		return 2;
	}
	base = btf__parse(argv[1], NULL);
	other_base = btf__parse(argv[2], NULL);
	if (libbpf_get_error(base) || libbpf_get_error(other_base))
		return 2;
	while (getline(&line, &room, stdin) > 0) {
		const char *what;

		line[strcspn(line, "\n")] = '\0';
		other = strchr(line, ' ');
		if (!other)
			return 2;
		*other++ = '\0';
		a = lines(line, base, &n);
		b = lines(other, other_base, &m);
		what = !a || !b ? "cannot be read" : missing(a, n, b, m);
		if (what) {
			printf("%s: %.200s\n", line, what);
			bad = 1;
		}
		pairs++;
		types += n;
		free(a);
		free(b);
	}
	printf("%zu pairs, %zu types\n", pairs, types);
	return bad;
}
