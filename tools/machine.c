// SPDX-License-Identifier: GPL-2.0-only
/* The machine: its kernels, their trees of modules, headers and images. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "util.h"

/* Releases whose kernels are looked for; more is no machine's. */
#define KERNELS_MAX 64

/*
 * machine_kernel() - the kernel of that release, added if it is new
 *
 * It is the machine's, and moves with the next that is added. NULL if the release is no
 * name that a kernel has.
 */
struct kernel *machine_kernel(struct machine *m, const char *release)
{
	struct kernel *k;

	for (size_t i = 0; i < m->n_kernels; i++)
		if (!strcmp(m->kernels[i].release, release))
			return &m->kernels[i];
	if (!plain_word(release) || strchr(release, '/') || *release == '.' ||
	    strlen(release) > 64 || m->n_kernels == KERNELS_MAX)
		return NULL;
	m->kernels = xrealloc(m->kernels, (m->n_kernels + 1) * sizeof(*k));
	k = &m->kernels[m->n_kernels++];
	memset(k, 0, sizeof(*k));
	k->release = xstrdup(release);
	k->running = -1;
	k->allows_mismatch = -1;
	return k;
}

/* unread() - note that the file @path, below the root, could not be read, and why; once */
void unread(struct machine *m, const char *path, const char *why)
{
	char *line = xasprintf("%s: %s", path, why);

	if (!names_have(&m->unread, line))
		names_add(&m->unread, line);
	free(line);
}

/* Is it a kernel's: not what a package left behind when it went? */
static bool is_tree(const struct root *root, const char *path)
{
	static const char *const files[] = { "modules.dep", "modules.order", "modules.builtin",
					     "kernel" };
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(files) / sizeof(*files); i++) {
		char *file = xasprintf("%s/%s", path, files[i]);

		found = root_exists(root, file);
		free(file);
	}
	return found;
}

/* The modules' files of a tree, as depmod has written them down. */
static void read_tree(struct machine *m, struct kernel *k)
{
	char *dep = xasprintf("%s/modules.dep", k->tree.path);
	char *text = root_read(&m->root, dep, 64 << 20, NULL), *save = NULL, *line;
	char **paths = NULL, *real, why[ERR_LEN];
	static const char *const besides[] = { "updates", "extra", "weak-updates", "misc" };
	size_t n = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		line[strcspn(line, ":")] = '\0';
		/* A path below the tree, or one that depmod was told of elsewhere */
		if (is_module_path(line) && !strstr(line, "../"))
			names_add(&k->tree.modules, line);
	}
	free(text);
	free(dep);
	/* depmod leaves out what it cannot read: that may be just what is wrong. */
	real = root_resolve(&m->root, k->tree.path);
	for (size_t i = 0; real && i < sizeof(besides) / sizeof(*besides); i++) {
		char *dir = xasprintf("%s/%s", real, k->tree.modules.n ? besides[i] : "");

		if (!access(dir, F_OK) && find_modules(dir, &paths, &n, why, sizeof(why)))
			unread(m, k->tree.path, why);
		free(dir);
		for (size_t j = 0; j < n; j++) {
			const char *path = paths[j] + strlen(real);

			path += strspn(path, "/");
			if (!names_have(&k->tree.modules, path))
				names_add(&k->tree.modules, path);
			free(paths[j]);
		}
		n = 0;
	}
	free(paths);
	free(real);
	for (size_t i = 0; i < k->tree.modules.n; i++) {
		const char *name = strrchr(k->tree.modules.v[i], '/');

		if (!strncmp(name ? name + 1 : k->tree.modules.v[i], "btf_tolerant.ko", 15))
			k->tree.tolerant = xasprintf("%s/%s", k->tree.path, k->tree.modules.v[i]);
	}
}

static void trees_find(struct machine *m, const struct scope *scope)
{
	static const char *const dirs[] = { "/lib/modules", "/usr/lib/modules" };
	struct names names = {};
	struct kernel *k;
	char *path;
	int ret;

	for (size_t d = 0; d < 2; d++) {
		ret = root_list(&m->root, dirs[d], &names);
		if (ret && ret != -ENOENT)
			unread(m, dirs[d], strerror(-ret));
		for (size_t i = 0; i < names.n; i++) {
			path = xasprintf("%s/%s", dirs[d], names.v[i]);
			k = NULL;
			if (!is_tree(&m->root, path))
				;
			else if (!scope->release || !strcmp(scope->release, names.v[i]))
				k = machine_kernel(m, names.v[i]);
			else if (!names_have(&m->others, names.v[i]))
				names_add(&m->others, names.v[i]);
			if (k && !k->tree.path) {
				k->tree.path = path;
				read_tree(m, k);
			} else {
				free(path);
			}
		}
		names_free(&names);
	}
}

/* Has this kernel the upstream option? Its configuration is there with most distributions. */
static void read_config(struct machine *m, struct kernel *k)
{
	static const char *const at[] = { "/boot/config-%s", "/lib/modules/%s/config",
					  "/usr/lib/modules/%s/config",
					  "/lib/modules/%s/build/.config",
					  "/lib/modules/%s/build/include/config/auto.conf" };

	for (size_t i = 0; k->allows_mismatch < 0 && i < sizeof(at) / sizeof(*at); i++) {
		const char *rest = strstr(at[i], "%s");
		char *path =
			xasprintf("%.*s%s%s", (int)(rest - at[i]), at[i], k->release, rest + 2);
		char *text = root_read(&m->root, path, 4 << 20, NULL);

		if (text && strstr(text, "CONFIG_MODULES=y"))
			k->allows_mismatch = !!strstr(text, "\nCONFIG_MODULE_ALLOW_BTF_MISMATCH=y");
		free(text);
		free(path);
	}
}

/* Which kernel starts next, if nobody chooses another? */
static void choose_next(struct machine *m)
{
	struct kernel *best = NULL;

	for (size_t i = 0; i < m->n_kernels; i++)
		for (size_t j = 0; j < m->kernels[i].n_images; j++)
			if (m->kernels[i].images[j].is_default) {
				m->kernels[i].is_default = true;
				return;
			}
	/* No boot loader that is known: the newest, as they do */
	for (size_t i = 0; !m->next_left_out && i < m->n_kernels; i++)
		if (m->kernels[i].n_images &&
		    (!best || strverscmp(m->kernels[i].release, best->release) > 0))
			best = &m->kernels[i];
	for (size_t i = 0; best && i < m->others.n; i++)
		if (strverscmp(m->others.v[i], best->release) > 0)
			best = NULL;
	if (best)
		best->is_default = true;
}

static bool has_tolerant_source(struct machine *m)
{
	struct names names = {};
	bool found = root_exists(&m->root, "/var/lib/dkms/btf_tolerant");

	root_list(&m->root, "/usr/src", &names);
	for (size_t i = 0; i < names.n; i++)
		found |= !strncmp(names.v[i], "btf_tolerant-", 13);
	names_free(&names);
	return found;
}

static int by_release(const void *a, const void *b)
{
	return -strverscmp(((const struct kernel *)a)->release,
			   ((const struct kernel *)b)->release);
}

/*
 * machine_read() - find the kernels, images and modules of a machine
 *
 * @m is all zeros before. Reads no BTF yet but the running kernel's. Returns 0, or -errno if
 * the root cannot be opened; machine_free() does no harm then.
 */
int machine_read(struct machine *m, const struct scope *scope)
{
	int ret = root_open(&m->root, scope->root);

	if (ret)
		return ret;
	distro_read(&m->root, &m->distro);
	bootloader_read(&m->root, &m->boot);
	for (size_t i = 0; i < m->boot.unread.n; i++)
		names_add(&m->unread, m->boot.unread.v[i]);
	m->dkms_source = has_tolerant_source(m);
	if (!*m->root.path)
		running_read(m);
	if (m->running.release && (!scope->release || !strcmp(scope->release, m->running.release)))
		machine_kernel(m, m->running.release);
	trees_find(m, scope);
	images_find(m, scope);
	choose_next(m);
	if (m->n_kernels)
		qsort(m->kernels, m->n_kernels, sizeof(*m->kernels), by_release);
	return 0;
}

/*
 * machine_judge() - hold each kernel's modules against its images, and what runs
 *
 * The most of the time goes here.
 */
void machine_judge(struct machine *m, const struct scope *scope)
{
	for (size_t i = 0; i < m->n_kernels; i++) {
		struct kernel *k = &m->kernels[i];
		struct build *b;

		read_config(m, k);
		if (m->running.release && !scope->next_boot &&
		    !strcmp(k->release, m->running.release)) {
			struct image img = { .btf = m->running.btf,
					     .btf_size = m->running.btf_size };

			m->running.btf = NULL;
			k->running = kernel_build(k, &img, "the running kernel");
			b = &k->builds[k->running];
			b->running = true;
			b->version = m->running.version ? xstrdup(m->running.version) : NULL;
			b->build_id = m->running.build_id ? xstrdup(m->running.build_id) : NULL;
		}
		kernel_images_read(m, k, scope);
		if (k->tree.path)
			tree_judge(m, k, scope);
		ramdisks_judge(m, k, scope);
		headers_read(m, k);
	}
}

static void kernel_free(struct kernel *k)
{
	for (size_t i = 0; i < k->n_ramdisks; i++) {
		free(k->ramdisks[i].path);
		free(k->ramdisks[i].real);
		free(k->ramdisks[i].other_release);
		tally_free(k->ramdisks[i].fits, k->n_builds);
	}
	tally_free(k->tree.fits, k->n_builds);
	tally_free(k->tree.extra, k->n_builds);
	for (size_t i = 0; i < k->n_builds; i++) {
		struct build *b = &k->builds[i];

		free(b->release);
		free(b->version);
		free(b->build_id);
		free(b->broken);
		free(b->btf);
		if (b->base)
			check_base_free(b->base);
		names_free(&b->names);
	}
	for (size_t i = 0; i < k->n_images; i++) {
		free(k->images[i].path);
		free(k->images[i].real);
		free(k->images[i].release);
		free(k->images[i].version);
		free(k->images[i].error);
		names_free(&k->images[i].also);
	}
	free(k->builds);
	free(k->images);
	free(k->ramdisks);
	names_free(&k->tree.modules);
	free(k->tree.path);
	free(k->tree.tolerant);
	free(k->headers.path);
	free(k->headers.seen_in);
	free(k->release);
}

/* machine_free() - free all that was read and found */
void machine_free(struct machine *m)
{
	if (!m->root.path)
		return;
	for (size_t i = 0; i < m->n_kernels; i++)
		kernel_free(&m->kernels[i]);
	free(m->kernels);
	running_free(&m->running);
	bootloader_free(&m->boot);
	distro_free(&m->distro);
	names_free(&m->unread);
	names_free(&m->others);
	root_close(&m->root);
}
