/* SPDX-License-Identifier: GPL-2.0-only */
/* BTF by hand, for what no compiler makes. */
#ifndef BTF_ASM_H
#define BTF_ASM_H

#include <linux/stringify.h>

/* From uapi/linux/btf.h, where they are no macros that the assembler could have */
#define INT	1
#define PTR	2
#define ARRAY	3
#define STRUCT	4
#define CONST	10

/* A type's three words. @name is an offset into the strings; @last is its size or a type. */
#define TYPE(name, kind, vlen, last)	\
	".long " #name ", (" __stringify(kind) " << 24) + " #vlen ", " #last "\n"
#define WORD3(a, b, c)	".long " #a ", " #b ", " #c "\n"

/* A section of BTF: the header of version 1, @types, and @strings behind the empty one */
#define BTF_SECTION(section, types, strings)				\
asm(".pushsection " section ", \"\", @progbits\n"			\
	".balign 4\n"							\
	".short 0xeb9f\n"							\
	".byte 1, 0\n"							\
	".long 24, 0, 92f - 91f, 92f - 91f, 93f - 92f\n"			\
	"91:\n"								\
	types								\
	"92:\n"								\
	".byte 0\n"								\
	strings								\
	"93:\n"								\
	".popsection\n")

/* A distilled base of one type that each kernel has: 1 is int, so a module's first is 2 */
#define BTF_BASE_INT							\
	BTF_SECTION(".BTF.base",					\
		    TYPE(1, INT, 0, 4) ".long 0x01000020\n",		\
		    ".asciz \"int\"\n")

#endif /* BTF_ASM_H */
