// SPDX-License-Identifier: GPL-2.0-only
/* The file of a kernel module. */
#define _GNU_SOURCE
#include <fts.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "image.h"
#include "module_file.h"
#include "unpack.h"
#include "util.h"

static const char signature_magic[] = "~Module signature appended~\n";

/* A copy of what .modinfo says of @key, or NULL. It is "key=value\0key=value\0"... */
static char *modinfo(const struct elf_section *info, const char *key)
{
	const char *p = info->data ?: "", *end = p + info->size;
	size_t len = strlen(key);

	while (p < end) {
		size_t n = strnlen(p, end - p);

		if (n > len && !strncmp(p, key, len) && p[len] == '=')
			return strndup(p + len + 1, n - len - 1);
		p += n + 1;
	}
	return NULL;
}

static int parse(struct module_file *m, char *err, size_t errlen)
{
	enum { INFO, BTF, BASE, IDS, MODULE, BUILD_ID, N };
	struct elf_section s[N] = {
		[INFO] = { .name = ".modinfo" }, [BTF] = { .name = ".BTF" },
		[BASE] = { .name = ".BTF.base" }, [IDS] = { .name = ".BTF_ids" },
		[MODULE] = { .name = ".gnu.linkonce.this_module" },
		[BUILD_ID] = { .name = ".note.gnu.build-id" },
	};
	const size_t magic_len = sizeof(signature_magic) - 1;
	char *intree;

	if (elf_find_sections(m->data, m->size, s, N, err, errlen))
		return -1;
	/* struct module itself: without it the kernel takes it for none, too. */
	if (!s[MODULE].size)
		return set_error(err, errlen, "is not a kernel module");
	m->name = modinfo(&s[INFO], "name");
	m->vermagic = modinfo(&s[INFO], "vermagic");
	m->srcversion = modinfo(&s[INFO], "srcversion");
	m->depends = modinfo(&s[INFO], "depends");
	intree = modinfo(&s[INFO], "intree");
	m->intree = intree && !strcmp(intree, "Y");
	free(intree);
	m->is_signed = m->size >= magic_len &&
		!memcmp((char *)m->data + m->size - magic_len, signature_magic, magic_len);
	/* An empty section is as good as none: the kernel takes it so. */
	m->btf = s[BTF].size ? s[BTF].data : NULL;
	m->btf_size = s[BTF].size;
	m->has_base = s[BASE].size;
	m->has_ids = s[IDS].size;
	m->this_module_size = s[MODULE].size;
	if (s[BUILD_ID].data)
		m->build_id_len = notes_build_id(s[BUILD_ID].data, s[BUILD_ID].size, m->build_id);
	return 0;
}

int module_file_parse(void *data, size_t size, struct module_file *m, char *err, size_t errlen)
{
	memset(m, 0, sizeof(*m));
	if (packed_by(data, size)) {
		int ret = unpack(data, size, MODULE_LIMIT, &m->data, &m->size, err, errlen);

		free(data);
		if (ret)
			return -1;
	} else {
		m->data = data;
		m->size = size;
	}
	if (!parse(m, err, errlen))
		return 0;
	module_file_free(m);
	return -1;
}

int module_file_read(const char *path, struct module_file *m, char *err, size_t errlen)
{
	size_t size;
	void *data;

	memset(m, 0, sizeof(*m));
	if (read_plain(path, MODULE_LIMIT, &data, &size, err, errlen))
		return -1;
	return module_file_parse(data, size, m, err, errlen);
}

/* module_file_free() - free the file's bytes, which all pointers in @m lead into */
void module_file_free(struct module_file *m)
{
	free(m->name);
	free(m->vermagic);
	free(m->srcversion);
	free(m->depends);
	free(m->data);
	memset(m, 0, sizeof(*m));
}

bool is_module_path(const char *path)
{
	static const char * const ends[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
	size_t len = strlen(path), i;

	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && !strcmp(path + len - end, ends[i]))
			return true;
	}
	return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void append(char ***paths, size_t *n, const char *path)
{
	/* Grows at each power of two. */
	if (!(*n & (*n - 1)))
		*paths = xrealloc(*paths, (*n ? *n * 2 : 1) * sizeof(char *));
	(*paths)[(*n)++] = xstrdup(path);
}

int find_modules(const char *path, char ***paths, size_t *n, char *err, size_t errlen)
{
	char *const roots[] = { (char *)path, NULL };
	FTS *fts = fts_open(roots, FTS_COMFOLLOW | FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	FTSENT *ent;
	int ret = 0;

	if (!fts)
		return set_error(err, errlen, "%s", strerror(errno));
	while ((errno = 0, ent = fts_read(fts))) {
		switch (ent->fts_info) {
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			ret = set_error(err, errlen, "%s%s%s", ent->fts_level ? ent->fts_path : "",
					ent->fts_level ? ": " : "", strerror(ent->fts_errno));
			break;
		case FTS_F:
		case FTS_SL:
		case FTS_DEFAULT:
			if (!ent->fts_level || is_module_path(ent->fts_name))
				append(paths, n, ent->fts_path);
			break;
		}
	}
	if (errno)
		ret = set_error(err, errlen, "%s", strerror(errno));
	fts_close(fts);
	return ret;
}
