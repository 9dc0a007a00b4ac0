// SPDX-License-Identifier: GPL-2.0-only
/* A module that gives BPF programs a kfunc and a destructor, and a function to trace. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/module.h>
#include <linux/version.h>

struct kfunc_test_object {
	int value;
};

static __used noinline int kfunc_test_add(int a, int b)
{
	return a + b;
}

static __used noinline void kfunc_test_release(void *object)
{
}

static noinline int kfunc_test_traced(struct kfunc_test_object *object)
{
	return READ_ONCE(object->value);
}

/* Called through this, it keeps its name and its parameters. */
static int (*traced)(struct kfunc_test_object *object) = kfunc_test_traced;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
BTF_KFUNCS_START(kfunc_test_ids)
BTF_ID_FLAGS(func, kfunc_test_add)
BTF_KFUNCS_END(kfunc_test_ids)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
BTF_SET8_START(kfunc_test_ids)
BTF_ID_FLAGS(func, kfunc_test_add)
BTF_SET8_END(kfunc_test_ids)
#else
BTF_SET_START(kfunc_test_ids)
BTF_ID(func, kfunc_test_add)
BTF_SET_END(kfunc_test_ids)
#endif

static const struct btf_kfunc_id_set kfunc_test_set = {
	.owner = THIS_MODULE,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
	.set = &kfunc_test_ids,
#else
	.check_set = &kfunc_test_ids,
#endif
};

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 19, 0)
static bool dtors = true;
module_param(dtors, bool, 0444);
MODULE_PARM_DESC(dtors, "register a destructor, too");

BTF_ID_LIST(kfunc_test_dtor_ids)
BTF_ID(struct, kfunc_test_object)
BTF_ID(func, kfunc_test_release)

static int register_dtors(void)
{
	const struct btf_id_dtor_kfunc ids[] = {
		{
			.btf_id = kfunc_test_dtor_ids[0],
			.kfunc_btf_id = kfunc_test_dtor_ids[1],
		},
	};

	return dtors ? register_btf_id_dtor_kfuncs(ids, ARRAY_SIZE(ids), THIS_MODULE) : 0;
}
#else
static int register_dtors(void) { return 0; }
#endif

/* Writing this parameter calls the function that is there to be traced. */
static int poke_set(const char *val, const struct kernel_param *kp)
{
	struct kfunc_test_object object = { .value = 1 };

	return READ_ONCE(traced)(&object) == 1 ? 0 : -EIO;
}

static const struct kernel_param_ops poke_ops = { .set = poke_set };
module_param_cb(poke, &poke_ops, NULL, 0200);

static int __init kfunc_test_init(void)
{
	int err = register_btf_kfunc_id_set(BPF_PROG_TYPE_SCHED_CLS, &kfunc_test_set);

	if (err)
		return err;
	return register_dtors();
}

static void __exit kfunc_test_exit(void)
{
}

module_init(kfunc_test_init);
module_exit(kfunc_test_exit);
MODULE_DESCRIPTION("Test: a kfunc, a destructor, a function to trace");
MODULE_LICENSE("GPL");
