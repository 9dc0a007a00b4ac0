// SPDX-License-Identifier: GPL-2.0-only
/* btf-doctor check: whether modules fit a kernel */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "btf-doctor.h"
#include "check.h"
#include "json_text.h"
#include "util.h"

struct options {
	const char *base, *made_for;
	bool json;
};

/* With --made-for: how much of the two kernels differs, whoever uses it. */
struct kernels {
	size_t types, types_differ, functions, functions_differ;
};

static void usage(void)
{
	puts("Usage: btf-doctor check --base BASE [--made-for IMAGE] [--json] MODULE|DIR...\n"
	     "\n"
	     "Says of each module whether its BTF fits the kernel BASE: NAME and a word, with a\n"
	     "tab between.\n"
	     "  fits         made for BASE\n"
	     "  other-build  made for another build\n"
	     "  broken       its BTF is malformed, or the file cannot be read\n"
	     "  own-base     has the base that it needs with it\n"
	     "  no-btf       has no BTF\n"
	     "\n"
	     "  --base BASE       a kernel image, a vmlinux, or raw BTF: /sys/kernel/btf/vmlinux\n"
	     "  --made-for IMAGE  the kernel that the modules were made for: then a third word\n"
	     "                    says whether the types that they use of it are the same in\n"
	     "                    BASE: 'same', or the types that differ, nearest first. The\n"
	     "                    summary says whether any type of the kernels differs: what\n"
	     "                    only a module's code uses is not in its BTF\n"
	     "  --json            all of it as JSON\n"
	     "  -h, --help        this\n"
	     "\n"
	     "Exit status: 0 all fit, 1 some do not, 2 trouble.");
}

/* The module's name; else the file's, without its endings. From malloc(). */
static char *result_name(const struct check_result *r)
{
	const char *slash = strrchr(r->path, '/');
	char *name, *end;

	if (r->name)
		return xstrdup(r->name);
	name = xstrdup(slash ? slash + 1 : r->path);
	end = strstr(name, ".ko");
	if (end && end != name)
		*end = '\0';
	return name;
}

/* A name comes from a file: nothing in it shall look like another line. */
static void print_word(const char *s)
{
	for (; *s; s++)
		putchar((unsigned char)*s < 0x20 || *s == 0x7f ? '?' : *s);
}

static void print_result(const struct check_result *r, const struct options *opt)
{
	char *name = result_name(r);
	size_t i;

	print_word(name);
	free(name);
	printf("\t%s", module_verdict_name(r->verdict));
	if (opt->made_for && !r->compared)
		printf("\t-");
	else if (opt->made_for && !r->n_uses)
		printf("\tsame");
	for (i = 0; i < r->n_uses; i++) {
		printf("%c%s ", i ? ',' : '\t', r->uses[i].type->kind);
		print_word(r->uses[i].type->name);
	}
	putchar('\n');
}

static json_object *result_json(const struct check_result *r, const struct options *opt)
{
	json_object *o = json_object_new_object(), *types;
	char *name = result_name(r);
	size_t i;

	json_object_object_add(o, "name", json_text(name));
	free(name);
	json_object_object_add(o, "path", json_text(r->path));
	json_object_object_add(o, "verdict",
			       json_text(module_verdict_name(r->verdict)));
	if (*r->why)
		json_object_object_add(o, "why", json_text(r->why));
	if (!opt->made_for || !r->compared)
		return o;
	types = json_object_new_array();
	for (i = 0; i < r->n_uses; i++) {
		json_object *type = json_object_new_object();

		json_object_object_add(type, "kind",
				       json_text(r->uses[i].type->kind));
		json_object_object_add(type, "name",
				       json_text(r->uses[i].type->name));
		json_object_object_add(type, "pointers",
				       json_object_new_int(r->uses[i].pointers));
		json_object_array_add(types, type);
	}
	json_object_object_add(o, "differing", types);
	return o;
}

static void print_json(const struct check_result *r, size_t n, const size_t *counts,
		       const struct kernels *k, const struct options *opt)
{
	json_object *o = json_object_new_object(), *modules = json_object_new_array();
	json_object *summary = json_object_new_object();
	size_t i;

	json_object_object_add(o, "version", json_object_new_int(1));
	json_object_object_add(o, "base", json_text(opt->base));
	if (opt->made_for) {
		json_object_object_add(o, "made_for", json_text(opt->made_for));
		json_object_object_add(o, "types_differ", json_object_new_int64(k->types_differ));
		json_object_object_add(o, "functions_differ",
				       json_object_new_int64(k->functions_differ));
	}
	for (i = 0; i < n; i++)
		json_object_array_add(modules, result_json(&r[i], opt));
	json_object_object_add(o, "modules", modules);
	for (i = 0; i < MODULE_VERDICTS; i++)
		json_object_object_add(summary, module_verdict_name(i),
				       json_object_new_int64(counts[i]));
	json_object_object_add(o, "summary", summary);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void print_summary(const struct check_result *r, size_t n, const size_t *counts,
			  const struct kernels *k, const struct options *opt)
{
	static const char * const words[] = {
		[MODULE_FITS] = "fit", [MODULE_OTHER_BUILD] = "of another build",
		[MODULE_BROKEN] = "broken", [MODULE_OWN_BASE] = "with a base of their own",
		[MODULE_NO_BTF] = "without BTF",
	};
	size_t i, same = 0, compared = 0;
	const char *sep = ": ";

	fprintf(stderr, "%zu module%s", n, n == 1 ? "" : "s");
	for (i = 0; i < MODULE_VERDICTS; i++) {
		if (!counts[i])
			continue;
		fprintf(stderr, "%s%zu %s", sep, counts[i], words[i]);
		sep = ", ";
	}
	fputc('\n', stderr);
	if (!opt->made_for)
		return;
	for (i = 0; i < n; i++) {
		compared += r[i].compared;
		same += r[i].compared && !r[i].n_uses;
	}
	if (compared)
		fprintf(stderr,
			"%zu fit %s: the types that they use are the same for %zu, differ for %zu\n",
			compared, opt->made_for, same, compared - same);
	fprintf(stderr,
		"between the two kernels %zu of %zu types and the prototypes of %zu of %zu functions differ: %s\n",
		k->types_differ, k->types, k->functions_differ, k->functions,
		k->types_differ || k->functions_differ ?
			"the modules' code may use those, too" :
			"they are of one source, as far as types tell");
}

static int report(const struct check_result *r, size_t n, const struct kernels *k,
		  const struct options *opt)
{
	size_t counts[MODULE_VERDICTS] = { }, i;

	for (i = 0; i < n; i++) {
		counts[r[i].verdict]++;
		if (!opt->json)
			print_result(&r[i], opt);
		if (r[i].verdict == MODULE_BROKEN)
			trouble("%s: %s", r[i].path, r[i].why);
	}
	if (opt->json)
		print_json(r, n, counts, k, opt);
	print_summary(r, n, counts, k, opt);
	return counts[MODULE_OTHER_BUILD] || counts[MODULE_BROKEN] ? EXIT_NOT : EXIT_FITS;
}

static int check(struct check_job *job, const struct options *opt)
{
	struct check_base *base, *made_for = NULL;
	struct check_result *results;
	struct base_diff *diff = NULL;
	struct kernels kernels = { };
	char err[ERR_LEN];
	int ret = EXIT_TROUBLE;

	base = load_base(opt->base);
	if (!base)
		return EXIT_TROUBLE;
	if (opt->made_for) {
		made_for = load_base(opt->made_for);
		if (!made_for)
			goto out;
		diff = base_diff_new(check_base_btf(made_for), check_base_btf(base), err,
				     sizeof(err));
		if (!diff) {
			trouble("%s and %s: %s", opt->made_for, opt->base, err);
			goto out;
		}
		kernels.types = base_diff_named(diff);
		base_diff_list(diff, &kernels.types_differ);
		kernels.functions_differ = base_diff_functions(diff, &kernels.functions);
	}
	job->base = base;
	job->made_for = made_for;
	job->diff = diff;
	job->progress = true;
	results = check_files(job);
	ret = report(results, job->n, &kernels, opt);
	check_results_free(results, job->n);
out:
	base_diff_free(diff);
	check_base_free(made_for);
	check_base_free(base);
	return ret;
}

/* cmd_check() - "btf-doctor check". Return: the exit status */
int cmd_check(int argc, char **argv)
{
	static const struct option options[] = {
		{ "base", required_argument, NULL, 'b' },
		{ "made-for", required_argument, NULL, 'm' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	struct options opt = { };
	struct check_job job = { };
	int c, ret = EXIT_FITS, found;
	char err[ERR_LEN];
	size_t before;

	set_command("check");
	while ((c = next_option(argc, argv, options)) != -1) {
		switch (c) {
		case 'b':
			opt.base = optarg;
			break;
		case 'm':
			opt.made_for = optarg;
			break;
		case 'j':
			opt.json = true;
			break;
		case 'h':
			usage();
			return EXIT_FITS;
		default:
			return EXIT_TROUBLE;
		}
	}
	if (!opt.base)
		return usage_error("check needs --base");
	if (optind == argc)
		return usage_error("check needs a module, or a directory of modules");
	for (; optind < argc; optind++) {
		before = job.n;
		if (find_modules(argv[optind], &job.paths, &job.n, err, sizeof(err)))
			ret = trouble("%s: %s", argv[optind], err);
		else if (job.n == before)
			ret = trouble("%s: no modules there", argv[optind]);
	}
	/* What was found is judged, whatever else could not be read. */
	found = job.n ? check(&job, &opt) : ret;
	while (job.n)
		free(job.paths[--job.n]);
	free(job.paths);
	return ret ? ret : found;
}
