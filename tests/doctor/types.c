// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two bases for doctor-diff.t: with NEW defined, the second. What differs is named for how,
 * what is called same_... does not.
 */
#ifdef NEW
#define IF_NEW(new, old) new
#else
#define IF_NEW(new, old) old
#endif

struct moved {
	int first;
	IF_NEW(long, int) second;
	long third;
};

struct grown {
	int member;
	IF_NEW(int added;,)
};

struct lost {
	int stays, IF_NEW(other, goes);
};

struct retyped {
	struct moved *pointer;
	IF_NEW(unsigned int, int) number;
	int array[IF_NEW(4, 5) + 4];
};

struct widened {
	unsigned int bits:IF_NEW(4, 3);
	unsigned int :0;
};

struct inside {
	struct {
		int a;
		union {
			int b;
			IF_NEW(long, int) c;
		};
	};
	struct {
		IF_NEW(int before;,)
		int x;
	} named;
};

struct swapped {
	union {
		IF_NEW(int two, int one);
		IF_NEW(int one, int two);
	};
};

enum valued { VALUE_A, VALUE_B = IF_NEW(5, 4), IF_NEW(VALUE_NEW, VALUE_OLD) };
typedef IF_NEW(unsigned long, unsigned int) aliased;
typedef struct {
	IF_NEW(long, int) in_typedef;
} nameless;

#ifdef NEW
struct only_new { int x; };
#else
struct only_old { int x; };
#endif

/* What refers to a type that differs does not differ, unless that is in it: see there. */
struct same_pointer {
	struct moved *a, **b, *c[3];
	enum valued (*function)(struct grown *x);
	aliased *alias;
	struct same_pointer *self;
};

/* The names of parameters do not count. */
struct same_function {
	int (*function)(int IF_NEW(a, b));
};

/* One of them only declares it. */
struct same_declared;
struct same_user { struct same_declared *p; };

struct moved moved;
struct grown grown;
struct lost lost;
struct retyped retyped;
struct widened widened;
struct inside inside;
struct swapped swapped;
enum valued valued;
aliased alias;
nameless no_name;
IF_NEW(struct only_new, struct only_old) only;
struct same_pointer same_pointer;
struct same_function same_function;
struct same_user same_user;
