# SPDX-License-Identifier: MIT
# Builds everything into $(BUILD), never beside the sources. The verbs of ./lab call it; its own
# targets are: all (the default), vmm, guests, tests, tools, clean.
#
#   make CC=clang BUILD=build-clang      another compiler
#   make SAN=1 BUILD=build-san           AddressSanitizer and UndefinedBehaviorSanitizer
#   make CROSS_COMPILE=x86_64-linux-gnu- on a machine that is not x86

MAKEFLAGS += --no-builtin-rules
BUILD ?= build
CROSS_COMPILE ?=
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
AS := $(CROSS_COMPILE)as
LD := $(CROSS_COMPILE)ld
NM := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy

# The repository's own build sets what an exported tree does not have.
-include reference.mk

# What runs here, and not where the guests run: it is built for this machine.
HOSTCC ?= $(if $(CROSS_COMPILE),cc,$(CC))

LAB01 := labs/01-vmx-detect
LAB02 := labs/02-vcpu-run
LAB03 := labs/03-paging
LAB04 := labs/04-io-exits
LAB05 := labs/05-virtio

# Exported trees only warn: a student's unused variable is no reason to grade nothing.
WERROR ?=
WARN := -Wall -Wextra $(WERROR) -Wundef -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wno-unused-parameter
CFLAGS ?= -O2 -g
# (-iquote, not -I: a file of a lab called string.h must not be what <string.h> means to the grader.)
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(REFERENCE) -MMD -MP \
	$(addprefix -iquote ,common $(LAB05) $(LAB04) $(LAB03) $(LAB02) $(LAB01) tests/harness)
# What grades finds its own headers first, whatever a submission has called one of its files.
$(BUILD)/tools/%.o $(BUILD)/tests/%.o: OWN := -iquote tests/harness
ifdef SAN
ALL_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif
LDFLAGS += -pthread

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

COMMON := $(call obj,$(wildcard common/*.c))
LAB01_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard $(LAB01)/*.c)))
LAB02_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard $(LAB02)/*.c)))
LAB03_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard $(LAB03)/*.c)))
LAB04_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard $(LAB04)/*.c)))
LAB05_OBJ := $(call obj,$(filter-out %/main.c,$(wildcard $(LAB05)/*.c)))
SLIRP := $(if $(wildcard $(LAB05)/net_slirp.c),-lslirp)
HARNESS := $(call obj,$(filter-out %/main_grade.c %/main_check.c %/shim_host.c,$(wildcard tests/harness/*.c)))
BENCH := $(if $(wildcard tools/yardstick),$(addprefix $(BUILD)/tools/bench-,bare exit bus))
TOOLS := $(patsubst tools/%.c,$(BUILD)/tools/%,$(wildcard tools/*.c))
BENCHMARKS := $(wildcard tools/benchmarks/*.c)
RECORDED := $(wildcard tools/recorded/*.c)
PROOF := $(wildcard tools/proof/*.c)

# A guest's header says in which mode it starts: real means a flat 16-bit image.
GUEST_SRC := $(wildcard guests/[0-9]*/*.s)
FLAT_SRC := $(shell grep -ls '^\# mode: real' $(GUEST_SRC) /dev/null)
ELF32_SRC := $(shell grep -ls '^\# mode: protected' $(GUEST_SRC) /dev/null)
ELF64_SRC := $(filter-out $(FLAT_SRC) $(ELF32_SRC),$(GUEST_SRC))
GUESTS := $(FLAT_SRC:%.s=$(BUILD)/%.bin) $(patsubst %.s,$(BUILD)/%.elf,$(ELF32_SRC) $(ELF64_SRC))

# The box: one side for this machine, the other for the emulated one, where nothing is installed.
BOX_BOTH := tools/box/proto.c tools/box/cpio.c
BOX_HEADERS := $(wildcard tools/box/*.h tools/box/*/*.h)

suite = $(if $(wildcard tests/$(1)_*.c),$(BUILD)/tests/$(1))
SUITES := $(call suite,common/unit) $(call suite,common/blackbox) $(call suite,lab01/unit) \
	$(call suite,lab01/blackbox) $(call suite,lab02/unit) \
	$(call suite,lab02/blackbox) $(call suite,lab03/unit) $(call suite,lab03/blackbox) \
	$(call suite,lab04/unit) $(call suite,lab04/blackbox) \
	$(call suite,lab05/unit) $(call suite,lab05/blackbox) \
	$(call suite,harness-self/unit) $(call suite,box/unit) $(call suite,box/blackbox)
MAINS := $(patsubst tests/harness/main_%.c,$(BUILD)/tests/%,$(wildcard tests/harness/main_*.c))
SHIM := $(if $(wildcard tests/harness/shim_*.c),$(BUILD)/tests/shim.so)

# One lab: its program and its tests. A mistake in one does not stop another from being graded.
LABS := $(patsubst labs/%,%,$(wildcard labs/[0-9]*))
LAB_TARGETS := $(foreach lab,$(LABS),lab$(firstword $(subst -, ,$(lab))))

.PHONY: all vmm guests tests tools box clean $(LAB_TARGETS)
all: vmm guests tests tools
vmm: $(BUILD)/$(LAB01)/vmx-detect $(BUILD)/$(LAB02)/vmm $(BUILD)/$(LAB03)/vmm \
	$(BUILD)/$(LAB04)/vmm $(BUILD)/$(LAB05)/vmm
guests: $(GUESTS)
tests: $(SUITES) $(MAINS) $(SHIM)
tools: $(TOOLS) $(BENCH) box $(BUILD)/tools/doctor/doctor
lab01: $(BUILD)/$(LAB01)/vmx-detect $(filter $(BUILD)/tests/lab01/%,$(SUITES))
lab02: $(BUILD)/$(LAB02)/vmm $(filter $(BUILD)/tests/lab02/%,$(SUITES))
lab03: $(BUILD)/$(LAB03)/vmm $(filter $(BUILD)/tests/lab03/%,$(SUITES))
lab04: $(BUILD)/$(LAB04)/vmm $(filter $(BUILD)/tests/lab04/%,$(SUITES))
lab05: $(BUILD)/$(LAB05)/vmm $(filter $(BUILD)/tests/lab05/%,$(SUITES))
box: $(BUILD)/tools/box/box $(BUILD)/tools/box/box-init
clean:
	rm -rf $(BUILD)

$(BUILD)/%.o: %.c Makefile $(wildcard reference.mk)
	@mkdir -p $(@D)
	$(CC) $(OWN) $(ALL_CFLAGS) -c $< -o $@

$(BUILD)/libcommon.a: $(COMMON)
$(BUILD)/libharness.a: $(HARNESS)
%.a:
	@rm -f $@
	$(AR) rcs $@ $^

# Lab 01 stands alone; each later lab links those from 02 on.
$(BUILD)/$(LAB01)/vmx-detect: $(BUILD)/$(LAB01)/main.o $(LAB01_OBJ) $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ -ljansson -lZydis -o $@
$(BUILD)/$(LAB02)/vmm: $(BUILD)/$(LAB02)/main.o $(LAB02_OBJ) $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ -lZydis -o $@
$(BUILD)/$(LAB03)/vmm: $(BUILD)/$(LAB03)/main.o $(LAB03_OBJ) $(LAB02_OBJ) $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ -lZydis -o $@

$(BUILD)/$(LAB04)/vmm: $(BUILD)/$(LAB04)/main.o $(LAB04_OBJ) $(LAB03_OBJ) $(LAB02_OBJ) $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ -lZydis -o $@

$(BUILD)/$(LAB05)/vmm: $(BUILD)/$(LAB05)/main.o $(LAB05_OBJ) $(LAB04_OBJ) $(LAB03_OBJ) $(LAB02_OBJ) \
		$(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ -lZydis $(SLIRP) -o $@

# Guests: one file each, assembled and linked by binutils; NAME.sym is where the tests find `nonce`.
GUEST_LIB := $(wildcard guests/lib/*)

$(FLAT_SRC:%.s=$(BUILD)/%.bin): $(BUILD)/%.bin: %.s $(GUEST_LIB)
	@mkdir -p $(@D)
	$(AS) --32 -I guests/lib $< -o $(@:.bin=.o)
	$(LD) -m elf_i386 -T guests/lib/flat.ld $(@:.bin=.o) -o $(@:.bin=.linked)
	$(NM) $(@:.bin=.linked) > $(@:.bin=.sym)
	$(OBJCOPY) -O binary $(@:.bin=.linked) $@

$(ELF32_SRC:%.s=$(BUILD)/%.elf): $(BUILD)/%.elf: %.s $(GUEST_LIB)
	@mkdir -p $(@D)
	$(AS) --32 -I guests/lib $< -o $(@:.elf=.o)
	$(LD) -m elf_i386 -T guests/lib/elf.ld $(@:.elf=.o) -o $@
	$(NM) $@ > $(@:.elf=.sym)

$(ELF64_SRC:%.s=$(BUILD)/%.elf): $(BUILD)/%.elf: %.s $(GUEST_LIB)
	@mkdir -p $(@D)
	$(AS) --64 -I guests/lib $< -o $(@:.elf=.o)
	$(LD) -m elf_x86_64 -T guests/lib/elf.ld $(@:.elf=.o) -o $@
	$(NM) $@ > $(@:.elf=.sym)

# Fuzzing (clang only): each target with all that it may exercise, compiled once for all of them.
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZERS := $(patsubst tests/adversarial/%.c,$(BUILD)/fuzz/%,$(wildcard tests/adversarial/fuzz_*.c))
FUZZ_LABS := $(LAB02) $(LAB03) $(LAB04) $(LAB05)
FUZZED := $(wildcard common/*.c) $(filter-out %/main.c,$(wildcard $(FUZZ_LABS:%=%/*.c)))
.PHONY: fuzz
fuzz: $(FUZZERS)
$(BUILD)/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	clang -std=gnu11 -D_GNU_SOURCE $(WARN) $(REFERENCE) -g -O1 $(FUZZ_SAN) -fsanitize=fuzzer-no-link \
		-MMD -MP -Icommon $(FUZZ_LABS:%=-I%) -c $< -o $@
$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/adversarial/%.o $(FUZZED:%.c=$(BUILD)/fuzz/%.o)
	clang $(FUZZ_SAN) -fsanitize=fuzzer $^ -lZydis $(SLIRP) -o $@

# Tests: a unit suite links the code that it tests; a black-box suite links none of it.
TEST_LIBS := -lcunit -ljansson

$(BUILD)/tests/common/unit: $(call obj,$(wildcard tests/common/unit_*.c))
$(BUILD)/tests/common/blackbox: $(call obj,$(wildcard tests/common/blackbox_*.c))
$(BUILD)/tests/lab01/unit: $(call obj,$(wildcard tests/lab01/unit_*.c)) $(LAB01_OBJ)
$(BUILD)/tests/lab01/blackbox: $(call obj,$(wildcard tests/lab01/blackbox_*.c))
$(BUILD)/tests/lab02/unit: $(call obj,$(wildcard tests/lab02/unit_*.c)) $(LAB02_OBJ)
$(BUILD)/tests/lab02/blackbox: $(call obj,$(wildcard tests/lab02/blackbox_*.c))
$(BUILD)/tests/lab03/unit: $(call obj,$(wildcard tests/lab03/unit_*.c)) $(LAB03_OBJ) $(LAB02_OBJ)
$(BUILD)/tests/lab03/blackbox: $(call obj,$(wildcard tests/lab03/blackbox_*.c))
$(BUILD)/tests/lab04/unit: $(call obj,$(wildcard tests/lab04/unit_*.c)) $(LAB04_OBJ) $(LAB03_OBJ) \
	$(LAB02_OBJ)
$(BUILD)/tests/lab04/blackbox: $(call obj,$(wildcard tests/lab04/blackbox_*.c))
$(BUILD)/tests/lab05/unit: $(call obj,$(wildcard tests/lab05/unit_*.c)) $(LAB05_OBJ) $(LAB04_OBJ) \
	$(LAB03_OBJ) $(LAB02_OBJ)
$(BUILD)/tests/lab05/unit: TEST_LIBS += $(SLIRP)
$(BUILD)/tests/lab05/blackbox: $(call obj,$(wildcard tests/lab05/blackbox_*.c))
$(BUILD)/tests/harness-self/unit: $(call obj,$(wildcard tests/harness-self/unit_*.c tools/yardstick/pairs.c))
$(BUILD)/tests/harness-self/unit: TEST_LIBS += -lm
$(BUILD)/tests/box/unit: $(call obj,$(wildcard tests/box/unit_*.c) $(BOX_BOTH))
$(BUILD)/tests/box/blackbox: $(call obj,$(wildcard tests/box/blackbox_*.c)) \
	$(if $(wildcard tests/box),$(BUILD)/tests/box/probe box)
$(BUILD)/tests/box/probe: $(call obj,tests/box/probe.c)
	$(CC) $(LDFLAGS) $^ -o $@
$(SUITES): $(BUILD)/libharness.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--whole-archive $(BUILD)/libharness.a \
		-Wl,--no-whole-archive $(BUILD)/libcommon.a $(TEST_LIBS) -lZydis -o $@

$(MAINS): $(BUILD)/tests/%: $(BUILD)/tests/harness/main_%.o $(BUILD)/libharness.a $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ $(TEST_LIBS) -lZydis -o $@

$(BUILD)/tests/shim.so: $(wildcard tests/harness/shim_*.c) Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared $(filter %.c,$^) -ldl -o $@

ifeq ($(CROSS_COMPILE),)
$(BUILD)/tools/bench: $(call obj,$(BENCHMARKS) tools/yardstick/pairs.c)
$(BUILD)/tools/record: $(call obj,$(RECORDED))
$(BUILD)/tools/prove: $(call obj,$(PROOF))
$(TOOLS): $(BUILD)/tools/%: $(BUILD)/tools/%.o $(BUILD)/libharness.a $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) -lZydis -lm -o $@
else
TOOL_SRC := $(filter-out %/main_grade.c %/main_check.c %/suite_main.c %/shim_host.c,$(wildcard tests/harness/*.c common/*.c))
$(BUILD)/tools/bench: $(BENCHMARKS) tools/yardstick/pairs.c
$(BUILD)/tools/record: $(RECORDED)
$(BUILD)/tools/prove: $(PROOF)
$(TOOLS): $(BUILD)/tools/%: tools/%.c $(TOOL_SRC)
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Icommon -Itests/harness $(filter %.c,$^) $(TEST_LIBS) \
		-lZydis -lm -pthread -o $@
endif

# doctor needs no library: it is the first to run on a bare machine.
$(BUILD)/tools/doctor/doctor: $(wildcard tools/doctor/*.c tools/doctor/*.h) tests/harness/env.c tests/harness/show.c \
		common/kvm_device.c common/kvm_trouble.c
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Icommon -Itests/harness $(filter %.c,$^) -o $@
$(BUILD)/tools/box/box: $(BOX_BOTH) $(wildcard tools/box/host/*.c) $(BOX_HEADERS)
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -g $(filter %.c,$^) -o $@
$(BUILD)/tools/box/box-init: $(BOX_BOTH) $(wildcard tools/box/init/*.c) $(BOX_HEADERS)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static -s $(filter %.c,$^) -o $@

$(BUILD)/tools/bench-bare: $(BUILD)/tools/yardstick/bare.o
$(BUILD)/tools/bench-exit: $(BUILD)/tools/yardstick/exit_cost.o $(BUILD)/tools/yardstick/pairs.o $(LAB02_OBJ) $(BUILD)/libcommon.a
$(BUILD)/tools/bench-bus: $(BUILD)/tools/yardstick/bus_cost.o $(BUILD)/$(LAB02)/bus.o $(BUILD)/libcommon.a
ifneq ($(BENCH),)
$(BENCH):
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(if $(filter %.a,$^),-lZydis) -lm -o $@
$(BUILD)/tools/bench: $(BENCH)
endif

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
