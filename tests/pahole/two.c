// SPDX-License-Identifier: GPL-2.0-only
/*
 * With one.c, a module whose functions have names that vmlinux has, and two static
 * functions of one name: pahole leaves those out, but not their parameters' names.
 */
void cleanup(void);

static int total;

static __attribute__((noinline)) int show(int a, long last_flag)
{
	asm volatile("" ::: "memory");
	return total += a * last_flag;
}

void cleanup(void)
{
	show(total, total + 1);
	show(total + 2, total + 3);
}
