# SPDX-License-Identifier: GPL-2.0-only
KDIR ?= /lib/modules/$(shell uname -r)/build

# This module must not have BTF itself: built against the headers of one build
# and loaded into another, it would be what it is there to help. Kbuild asks
# this variable, the C code the kernel's autoconf.h.
NO_BTF := CONFIG_DEBUG_INFO_BTF_MODULES=

all modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(NO_BTF) modules

# Not kbuild's: it needs KDIR, which may be gone.
clean:
	rm -f *.ko *.o *.mod *.mod.c modules.order Module.symvers .*.cmd .*.o
	rm -f src/*.o src/.*.cmd src/*.mod
	rm -rf .tmp_versions
	rm -f tools/*.o tools/*.d tools/btf-doctor tools/btf-rebase tools/btf-restore

# The programs: btf-doctor, btf-rebase and, with libbpf 1.5, btf-restore. Needs the headers of
# libbpf, libelf, libkmod, libarchive and json-c, and pkg-config.
tools:
	$(MAKE) -C tools

# For those who have no package. After dkms-install and dkms-uninstall: make the initramfs anew.
INSTALL := DESTDIR='$(DESTDIR)' prefix='$(prefix)' docdir='$(docdir)' packaging/install.sh
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf 2>/dev/null)

install:
	$(INSTALL) install

uninstall:
	$(INSTALL) uninstall

# btf-doctor, its hooks, its man page; the same of btf-restore where it was built
TOOLS := FILES="packaging/tools.files $$([ ! -x tools/btf-restore ] || echo packaging/restore.files)"

install-tools: tools
	$(TOOLS) $(INSTALL) install

uninstall-tools:
	FILES="packaging/tools.files packaging/restore.files" $(INSTALL) uninstall

# Packages, into dist/
deb rpm arch:
	packaging/build.sh $@

package: deb rpm arch

dkms-install: install
	packaging/dkms.sh

dkms-uninstall:
	dkms remove btf_tolerant/$(VERSION) --all || true
	$(INSTALL) uninstall

demo:
	scripts/demo.sh

# Of the long run, too: these make file systems, chroots and kernels of many kinds first.
LONG := tests/arm64.t tests/dkms.t tests/dkms-packages.t tests/doctor-guest.t tests/doctor-hook.t tests/doctor-images.t tests/doctor-status.t
# The longest first: two run at a time.
TESTS := tests/removal.t tests/stress.t tests/modules-backports.t tests/boot.t tests/damaged-btf.t tests/verify.t
TESTS += $(filter-out $(TESTS) $(LONG),$(sort $(wildcard tests/*.t)))

# All tests, or those in TESTS, each of which gets what it needs.
test:
	$(if $(filter file,$(origin TESTS)),tests/setup)
	prove -j2 --timer --failures --comments $(TESTS)

# Packages, by apt: for all tests.
deps:
	tests/setup packages

# What needs neither root nor QEMU, once "make deps" was run.
check:
	prove -j2 --timer --failures --comments tests/lint.t tests/script.t tests/unit.t

# What takes longer than anybody waits for.
matrix:
	tests/setup
	prove --failures --comments $(LONG) tests/matrix/*.t

# A kernel source tree of any version: make test-tree TREE=/path/to/linux
test-tree:
	prove -v tests/tree.sh :: $(TREE)

# The tables of docs/VERIFY.md
tables:
	tests/tables

# What it costs, in instructions: docs/PERFORMANCE.md
bench:
	tests/bench/run

# Ten million runs, and an hour; "make test" does a little of it.
fuzz:
	FUZZ_RUNS=10000000 prove -v tests/fuzz.t tests/doctor-fuzz.t
	FUZZ_SECONDS=3600 prove -v tests/relocate-fuzz.t

lint:
	prove -v tests/lint.t

# Break the code on purpose, and see a test notice: hours. tests/mutation --help
mutation:
	tests/mutation

.PHONY: all modules clean tools install uninstall install-tools uninstall-tools dkms-install dkms-uninstall deb rpm arch package demo test deps check matrix test-tree tables bench fuzz lint mutation
