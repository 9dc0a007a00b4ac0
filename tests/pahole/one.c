// SPDX-License-Identifier: GPL-2.0-only
/* See two.c. */
struct test_ctx {
	int test_count;
};

void cleanup(void);
int init(struct test_ctx *ctx);

static __attribute__((noinline)) int show(struct test_ctx *last_ctx)
{
	asm volatile("" ::: "memory");
	return last_ctx->test_count++;
}

int init(struct test_ctx *ctx)
{
	cleanup();
	return show(ctx);
}
