# SPDX-License-Identifier: MIT
# Builds everything into $(BUILD), never beside the sources. The verbs of ./lab call it; its own
# targets are: all (the default), vmm, guests, tests, tools, clean.
#
#   make CC=clang BUILD=build-clang      another compiler
#   make SAN=1 BUILD=build-san           AddressSanitizer and UndefinedBehaviorSanitizer
#   make TSAN=1 CC=clang BUILD=build-tsan ThreadSanitizer; then run with TSAN_OPTIONS=halt_on_error=1
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
READELF := $(CROSS_COMPILE)readelf
OBJCOPY := $(CROSS_COMPILE)objcopy

# The repository's own build sets what an exported tree does not have.
-include reference.mk

# What runs here, and not where the guests run: it is built for this machine.
HOSTCC ?= $(if $(CROSS_COMPILE),cc,$(CC))

# Each folder labs/NN-name with a table `tasks` is a lab. Its `about` says where it is not like the others
# ("KEY: words", a line each): the program's name, what else is linked with it, whether it stands alone
# instead of on the labs below, and whether its program is one for the bare machine.
LABS := $(patsubst %/tasks,%,$(sort $(wildcard labs/[0-9][0-9]-*/tasks)))
# (As few shells and compilers as can be before the first rule: make starts many times a day.)
TWICE := $(sort $(foreach lab,$(LABS),$(if $(word 2,$(filter $(firstword $(subst -, ,$(lab)))-%,$(LABS))),$(firstword $(subst -, ,$(lab))))))
$(if $(TWICE),$(error two folders $(TWICE)-...: a number is one lab; move the other one out of labs/))
ABOUT := $(shell grep -D skip -d skip '^[a-z-]*:' $(LABS:%=%/about) /dev/null 2>/dev/null | tr ' ' '|')
says = $(strip $(subst |, ,$(patsubst $(1)/about:$(2):%,%,$(filter $(1)/about:$(2):%,$(ABOUT)))))
define one_lab
UP_TO_$(1) := $(1) $(if $(call says,$(1),alone),,$(BELOW))
BELOW := $(if $(call says,$(1),alone),,$(1)) $(BELOW)
PROGRAM_$(1) := $(BUILD)/$(1)/$(or $(call says,$(1),program),vmm)
endef
$(foreach lab,$(LABS),$(eval $(call one_lab,$(lab))))
LOWEST := $(lastword $(BELOW))
number = lab$(firstword $(subst -, ,$(notdir $(1))))

# Exported trees only warn: a student's unused variable is no reason to grade nothing. But a function that
# returns nothing, or that nobody has declared, is a mistake that shows itself far from where it is.
WERROR ?=
WARN := -Wall -Wextra $(WERROR) -Wundef -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -Wno-unused-parameter -Werror=return-type -Werror=implicit-function-declaration
CFLAGS ?= -O2 -g
# (-iquote, not -I: a file of a lab called string.h must not be what <string.h> means to the grader.)
ALL_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(REFERENCE) -MMD -MP
# What grades finds its own headers first, whatever a submission has called one of its files.
$(BUILD)/tools/%.o $(BUILD)/tests/%.o: OWN := -iquote tests/harness -iquote tests/lib
$(BUILD)/tests/lib/%.o: OWN := -iquote tests/lib
# A lab and its tests see it and what it stands on, and nothing above.
floors = $(UP_TO_$(1)) $(sort $(foreach file,$(call says,$(1),bare),$(UP_TO_$(patsubst %/,%,$(dir $(file))))))
$(foreach lab,$(LABS),$(eval $(BUILD)/$(lab)/%.o $(BUILD)/tests/$(call number,$(lab))/%.o: \
	FLOORS := $(call floors,$(lab))))
$(BUILD)/tools/yardstick/%.o: FLOORS := $(LOWEST)
ifdef SAN
SANITIZER := address,undefined
endif
ifdef TSAN
SANITIZER := thread
endif
ifdef SANITIZER
ALL_CFLAGS += -fsanitize=$(SANITIZER) -fno-sanitize-recover=all -fno-omit-frame-pointer -DSANITIZED
LDFLAGS += -fsanitize=$(SANITIZER)
endif
LDFLAGS += -pthread -pie -Wl,-z,relro,-z,now

# Whoever takes over a program of ours shall find little: canaries on the stack, checked buffers, no fixed
# address, no table of functions that can be written. (FORTIFY needs an optimizer, which -O0 and no -O at all
# are not; the sanitizers see more than it does. Level 3 is new in gcc 12: the C library warns, if it is 2.)
HARDENED := -fPIE -fstack-protector-strong -fcf-protection

# A crash is to name the function that did it (common/crash.h), and not the one that had called it last.
ALL_CFLAGS += -fno-optimize-sibling-calls

# What another compiler has compiled, or this one with other options, is compiled again. (Which warnings
# it gives is no such thing.)
COMPILER := $(BUILD)/.compiler
COMPILED_BY := $(filter-out ccache,$(CC)) $(shell $(filter-out ccache,$(CC)) -dumpfullversion -dumpversion) \
	$(CFLAGS) $(REFERENCE) $(SANITIZER)
# What a compiler knows of FORTIFY is asked once, and kept beside its name.
ifneq ($(file <$(COMPILER)),$(COMPILED_BY))
$(shell { mkdir -p $(BUILD) && rm -f $(BUILD)/.fortify && echo '$(COMPILED_BY)' >$(COMPILER); } 2>/dev/null)
endif
FORTIFY := $(file <$(BUILD)/.fortify)
ifeq ($(FORTIFY),)
FORTIFY := $(shell $(CC) -O2 -Werror -D_FORTIFY_SOURCE=3 -include features.h -x c -fsyntax-only /dev/null \
	2>/dev/null && echo 3 || echo 2)
$(shell { echo $(FORTIFY) >$(BUILD)/.fortify; } 2>/dev/null)
endif
ifneq ($(if $(SANITIZER),,$(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS))))),)
HARDENED += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY)
endif
ALL_CFLAGS += $(HARDENED)

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

COMMON := $(call obj,$(wildcard common/*.c))
parts = $(call obj,$(filter-out %/main.c $(addprefix $(1)/,$(call says,$(1),metal)),$(wildcard $(UP_TO_$(1):%=%/*.c))) \
	$(call says,$(1),bare))
libs = -lZydis $(foreach lab,$(UP_TO_$(1)),$(call says,$(lab),libs))
HARNESS := $(call obj,$(filter-out %/main_grade.c %/main_check.c %/shim_host.c,$(wildcard tests/harness/*.c tests/lib/*.c)))
BENCH := $(if $(wildcard tools/yardstick),$(addprefix $(BUILD)/tools/bench-,bare exit bus))
TOOLS := $(patsubst tools/%.c,$(BUILD)/tools/%,$(wildcard tools/*.c))
BENCHMARKS := $(wildcard tools/benchmarks/*.c)
RECORDED := $(wildcard tools/recorded/*.c)
PROOF := $(wildcard tools/proof/*.c)
TIED := $(wildcard tools/tied/*.c)
COMPARED := $(wildcard tools/compared/*.c)
EMULATED := $(wildcard tools/emulated/*.c)
# Each a program that stands alone, for the emulated machine; the book shows what it prints.
EXPERIMENTS := $(patsubst tools/%.c,$(BUILD)/tools/%,$(wildcard tools/experiments/*.c))

# What the grading of many submissions needs: each main_NAME.c is a program, with the rest of its folder.
MARKS := $(patsubst tools/marks/out/main_%.c,$(BUILD)/tools/marks/%,$(wildcard tools/marks/out/main_*.c))
MARKS_PARTS := $(filter-out %/main_report.c %/main_insight.c,$(wildcard tools/marks/out/*.c))
# One submission's mark. (Not among the others: only who grades many needs libarchive.)
GRADE_ONE := $(BUILD)/tools/marks/grade-one
GRADE_ONE_PARTS := $(wildcard tools/marks/core/*.c)

# A guest's header says in which mode it starts: real means a flat 16-bit image, bzimage the form of a
# Linux kernel.
GUEST_SRC := $(wildcard guests/[0-9]*/*.s)
FLAT_SRC := $(shell grep -ls '^\# mode: real' $(GUEST_SRC) /dev/null)
BZ_SRC := $(shell grep -ls '^\# mode: bzimage' $(GUEST_SRC) /dev/null)
ELF32_SRC := $(shell grep -ls '^\# mode: protected' $(GUEST_SRC) /dev/null)
ELF64_SRC := $(filter-out $(FLAT_SRC) $(BZ_SRC) $(ELF32_SRC),$(GUEST_SRC))
GUESTS := $(FLAT_SRC:%.s=$(BUILD)/%.bin) $(BZ_SRC:%.s=$(BUILD)/%.bin) $(patsubst %.s,$(BUILD)/%.elf,$(ELF32_SRC) $(ELF64_SRC))

# The box: one side for this machine, the other for the emulated one, where nothing is installed.
BOX_BOTH := tools/box/proto.c tools/box/cpio.c
BOX_HEADERS := $(wildcard tools/box/*.h tools/box/*/*.h)

SUITES := $(sort $(foreach kind,unit blackbox,$(patsubst tests/%/,$(BUILD)/tests/%/$(kind), \
	$(dir $(wildcard tests/*/$(kind)_*.c)))))
# The VMM of the first lab that is confined, with a device in it by which a guest makes its calls:
# tests/adversarial/escape.
ESCAPE := $(if $(wildcard tests/adversarial/escape),$(BUILD)/tests/escape)
# Beside a lab's unit suite lie its plan, a program that lists the same tests and holds none of the code
# that they test, and what is wrong with the objects of that code, if anything.
UNITS := $(filter $(BUILD)/tests/lab%/unit,$(SUITES))
PLANS := $(UNITS:=-plan)
FAULTS := $(UNITS:=-faults)
MAINS := $(patsubst tests/harness/main_%.c,$(BUILD)/tests/%,$(wildcard tests/harness/main_*.c))
SHIM := $(if $(wildcard tests/harness/shim_*.c),$(BUILD)/tests/shim.so)

.PHONY: all vmm guests tests tools box clean
all: vmm guests tests tools
vmm: $(foreach lab,$(LABS),$(PROGRAM_$(lab)))
guests: $(GUESTS)
tests: $(SUITES) $(PLANS) $(FAULTS) $(MAINS) $(SHIM) $(ESCAPE)
tools: $(TOOLS) $(MARKS) $(BENCH) $(EXPERIMENTS) box $(BUILD)/tools/doctor/doctor
box: $(BUILD)/tools/box/box $(BUILD)/tools/box/box-init
clean:
	rm -rf $(BUILD)

# (What the compiler says of a file stays beside its object: ./lab grade shows it until it is mended.)
$(BUILD)/%.o: %.c Makefile $(wildcard reference.mk) $(COMPILER)
	@mkdir -p $(@D)
	$(CC) $(OWN) $(ALL_CFLAGS) $(addprefix -iquote ,common $(FLOORS)) -c $< -o $@ 2>$@.said || \
		{ cat $@.said >&2; false; }
	@if [ -s $@.said ]; then cat $@.said >&2; else rm -f $@.said; fi

# (The compiler does not see that it puts these in.)
$(BUILD)/common/trace_page.o: $(wildcard common/page/*)

$(BUILD)/libcommon.a: $(COMMON)
$(BUILD)/libharness.a: $(HARNESS)
%.a:
	@rm -f $@
	$(AR) rcs $@ $^

# What runs without a system below it: no library, no registers of the FPU, nothing on the stack that an
# interrupt would overwrite. (Objects beside those for this machine's tests: NAME.bare.o.)
BARE := -std=gnu11 $(WARN) -ffreestanding -O2 -g -m64 -mno-red-zone -mgeneral-regs-only -fno-pic -fno-stack-protector \
	-fcf-protection=none -fno-asynchronous-unwind-tables -fno-optimize-sibling-calls -fno-omit-frame-pointer $(REFERENCE) -MMD -MP
$(BUILD)/%.bare.o: %.c Makefile $(wildcard reference.mk) $(COMPILER)
	@mkdir -p $(@D)
	$(CC) $(BARE) $(addprefix -iquote ,common $(FLOORS)) -c $< -o $@ 2>$@.said || { cat $@.said >&2; false; }
	@if [ -s $@.said ]; then cat $@.said >&2; else rm -f $@.said; fi
$(BUILD)/%.bare.o: %.S Makefile
	@mkdir -p $(@D)
	$(CC) -m64 $(addprefix -iquote ,$(FLOORS)) -MMD -MP -c $< -o $@
bare = $(patsubst %,$(BUILD)/%.bare.o,$(basename $(wildcard $(1)/*.c $(1)/bare/*.c $(1)/bare/*.S) $(call says,$(1),bare)))
# (What is given of it: the tests have a fake machine instead.)
machine = $(if $(call says,$(1),bare),$(patsubst %.c,$(BUILD)/%.bare.o,$(wildcard $(1)/bare/*.c)))

define program_here
$(PROGRAM_$(1)): $(BUILD)/$(1)/main.o $(call parts,$(1)) $(BUILD)/libcommon.a
	$$(CC) $$(LDFLAGS) $$^ $(call libs,$(1)) -o $$@
endef
define program_bare
$(call bare,$(1)): FLOORS := $(call floors,$(1))
$(PROGRAM_$(1)): $(call bare,$(1)) $(1)/bare/hv.ld $(1)/machine_map.h
	$$(CC) -E -P -x c -iquote $(1) -include machine_map.h $(1)/bare/hv.ld -o $$@.ld
	$$(LD) -m elf_x86_64 -z max-page-size=4096 -z noexecstack -T $$@.ld $$(filter %.o,$$^) -o $$@
$(PROGRAM_$(1)): | $(patsubst %.S,$(BUILD)/%.bin,$(wildcard $(1)/*.S))
$(patsubst %.S,$(BUILD)/%.bin,$(wildcard $(1)/*.S)): $(BUILD)/%.bin: %.S
	@mkdir -p $$(@D)
	$$(AS) --32 $$< -o $$(@:.bin=.o)
	$$(OBJCOPY) -O binary -j .text $$(@:.bin=.o) $$@
endef

# One lab: its program and its tests. A mistake in one does not stop another from being graded.
define rules_of_lab
$(call $(if $(call says,$(1),bare),program_bare,program_here),$(1))
.PHONY: $(call number,$(1))
$(call number,$(1)): $(PROGRAM_$(1)) $(if $(call says,$(1),bare),$(BUILD)/tools/emulate) $(filter $(BUILD)/tests/$(call number,$(1))/%,$(SUITES) $(PLANS) $(FAULTS))
$(BUILD)/tests/$(call number,$(1))/unit: $(call parts,$(1))
$(BUILD)/tests/$(call number,$(1))/unit: TEST_LIBS += $(call libs,$(1))
$(BUILD)/tests/$(call number,$(1))/unit-faults: $(call parts,$(1)) $(call machine,$(1))
$(BUILD)/tests/$(call number,$(1))/unit-faults: MACHINE := $(call machine,$(1))
$(BUILD)/tests/$(call number,$(1))/unit-faults: METAL := $(basename $(call says,$(1),metal))
endef
$(foreach lab,$(LABS),$(eval $(call rules_of_lab,$(lab))))

# (A suite of that lab runs it.)
ifneq ($(ESCAPE),)
WRAPPED := machine_build net_process_connect channel_take
CONFINED := $(lastword $(foreach lab,$(BELOW),$(if $(call says,$(lab),confined),$(lab))))
$(BUILD)/tests/adversarial/escape/%.o: FLOORS := $(UP_TO_$(CONFINED))
$(BUILD)/tests/$(call number,$(CONFINED))/blackbox: $(call obj,$(wildcard tests/adversarial/escape/blackbox_*.c))
$(ESCAPE): $(BUILD)/$(CONFINED)/main.o $(BUILD)/tests/adversarial/escape/planted.o $(call parts,$(CONFINED)) \
		$(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) $^ $(call libs,$(CONFINED)) -o $@
endif

# Guests: one file each, assembled and linked by binutils; NAME.sym is where the tests find `nonce`.
GUEST_LIB := $(wildcard guests/lib/*)

$(BZ_SRC:%.s=$(BUILD)/%.bin): LAYOUT := bzimage
$(patsubst %.s,$(BUILD)/%.bin,$(FLAT_SRC) $(BZ_SRC)): $(BUILD)/%.bin: %.s $(GUEST_LIB)
	@mkdir -p $(@D)
	$(AS) --32 -I guests/lib $< -o $(@:.bin=.o)
	$(LD) -m elf_i386 -T guests/lib/$(or $(LAYOUT),flat).ld $(@:.bin=.o) -o $(@:.bin=.linked)
	$(NM) $(@:.bin=.linked) > $(@:.bin=.sym)
	$(OBJCOPY) -O binary $(@:.bin=.linked) $@

$(ELF32_SRC:%.s=$(BUILD)/%.elf): AS_FLAGS := --32
$(ELF32_SRC:%.s=$(BUILD)/%.elf): LD_FLAGS := -m elf_i386
$(patsubst %.s,$(BUILD)/%.elf,$(ELF32_SRC) $(ELF64_SRC)): $(BUILD)/%.elf: %.s $(GUEST_LIB)
	@mkdir -p $(@D)
	$(AS) $(or $(AS_FLAGS),--64) -I guests/lib $< -o $(@:.elf=.o)
	$(LD) $(or $(LD_FLAGS),-m elf_x86_64) -T guests/lib/elf.ld $(@:.elf=.o) -o $@
	$(NM) $@ > $(@:.elf=.sym)

# Fuzzing (clang only): each target with all that it may exercise, compiled once for all of them.
FUZZ_CC ?= clang
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZERS := $(patsubst tests/adversarial/%.c,$(BUILD)/fuzz/%,$(wildcard tests/adversarial/fuzz_*.c))
FUZZED := $(wildcard common/*.c) $(filter-out %/main.c,$(wildcard $(BELOW:%=%/*.c)))
.PHONY: fuzz
fuzz: $(FUZZERS)
$(BUILD)/fuzz/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(FUZZ_CC) -std=gnu11 -D_GNU_SOURCE $(WARN) $(REFERENCE) -g -O1 $(FUZZ_SAN) -fsanitize=fuzzer-no-link \
		-MMD -MP -Icommon $(BELOW:%=-I%) -c $< -o $@
$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/tests/adversarial/%.o $(FUZZED:%.c=$(BUILD)/fuzz/%.o)
	clang $(FUZZ_SAN) -fsanitize=fuzzer $^ -lZydis $(foreach lab,$(BELOW),$(call says,$(lab),libs)) -o $@

# Tests: a unit suite links the code that it tests; a black-box suite links none of it.
TEST_LIBS := -lcunit -ljansson

$(BUILD)/tests/harness-self/unit: $(call obj,$(wildcard tools/yardstick/pairs.c))
$(BUILD)/tests/harness-self/unit: TEST_LIBS += -lm
$(BUILD)/tests/proof/unit: $(call obj,tests/harness-self/unit_support.c)
$(BUILD)/tests/marks/unit: $(call obj,tests/harness-self/unit_support.c $(MARKS_PARTS))
$(BUILD)/tests/marks/unit: TEST_LIBS += -lm
$(BUILD)/tests/marks/unit: $(call obj,$(filter-out %/main_grade_one.c,$(GRADE_ONE_PARTS)))
$(BUILD)/tests/marks/unit: TEST_LIBS += -larchive
$(BUILD)/tests/box/unit: $(call obj,$(BOX_BOTH))
$(BUILD)/tests/box/blackbox: $(BUILD)/tests/box/probe box
$(BUILD)/tests/box/probe: $(call obj,tests/box/probe.c)
	$(CC) $(LDFLAGS) $^ -o $@
$(foreach suite,$(SUITES),$(eval $(suite) $(suite)-plan: $(call obj,$(wildcard $(suite:$(BUILD)/%=%)_*.c))))
$(SUITES): $(BUILD)/libharness.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--whole-archive $(BUILD)/libharness.a \
		-Wl,--no-whole-archive $(BUILD)/libcommon.a $(TEST_LIBS) -lZydis -o $@

# A plan runs no test: what those call may be missing, here.
$(PLANS): $(BUILD)/libharness.a $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) -no-pie -s -Wl,--unresolved-symbols=ignore-all $(filter %.o,$^) -Wl,--whole-archive \
		$(BUILD)/libharness.a -Wl,--no-whole-archive $(BUILD)/libcommon.a $(TEST_LIBS) -lZydis -o $@

# Sanitizers and profilers put into each object what nobody else may.
INSTRUMENTED := $(SANITIZER)$(filter --coverage -pg -fsanitize% -fprofile% -ftest-coverage,$(CFLAGS))
$(FAULTS): %-faults: % %-plan tools/linked.sh
	$(if $(INSTRUMENTED),:,READELF='$(READELF)' MACHINE='$(MACHINE)' METAL='$(METAL)' sh tools/linked.sh $* $(filter-out %.bare.o,$(filter $(BUILD)/labs/%,$^)) \
		-- $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(*:$(BUILD)/%=%)_*.c)) $(BUILD)/libharness.a $(BUILD)/libcommon.a) >$@.new
	@mv $@.new $@

$(MAINS): $(BUILD)/tests/%: $(BUILD)/tests/harness/main_%.o $(BUILD)/libharness.a $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $^ $(TEST_LIBS) -lZydis -o $@

$(BUILD)/tests/shim.so: $(wildcard tests/harness/shim_*.c) Makefile
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared $(filter %.c,$^) -ldl -o $@

ifeq ($(CROSS_COMPILE),)
$(BUILD)/tools/bench: $(call obj,$(BENCHMARKS) tools/yardstick/pairs.c)
$(BUILD)/tools/record: $(call obj,$(RECORDED))
$(BUILD)/tools/prove: $(call obj,$(PROOF))
$(BUILD)/tools/ties: $(call obj,$(TIED))
$(BUILD)/tools/compare: $(call obj,$(COMPARED))
$(BUILD)/tools/emulate: $(call obj,$(EMULATED))
$(BUILD)/tools/initrd: $(call obj,tools/box/cpio.c)
$(TOOLS): $(BUILD)/tools/%: $(BUILD)/tools/%.o $(BUILD)/libharness.a $(BUILD)/libcommon.a
	$(CC) $(LDFLAGS) $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) -lZydis -lm -o $@
$(MARKS): $(BUILD)/tools/marks/%: $(BUILD)/tools/marks/out/main_%.o $(call obj,$(MARKS_PARTS)) $(BUILD)/libharness.a \
		$(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(TEST_LIBS) -lZydis -lm -o $@
else
TOOL_SRC := $(filter-out %/main_grade.c %/main_check.c %/suite_main.c %/shim_host.c,$(wildcard tests/harness/*.c tests/lib/*.c common/*.c))
$(BUILD)/tools/bench: $(BENCHMARKS) tools/yardstick/pairs.c
$(BUILD)/tools/record: $(RECORDED)
$(BUILD)/tools/prove: $(PROOF)
$(BUILD)/tools/ties: $(TIED)
$(BUILD)/tools/compare: $(COMPARED)
$(BUILD)/tools/emulate: $(EMULATED)
$(BUILD)/tools/initrd: tools/box/cpio.c
$(TOOLS): $(BUILD)/tools/%: tools/%.c $(TOOL_SRC)
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Icommon -Itests/harness -Itests/lib $(filter %.c,$^) $(TEST_LIBS) \
		-lZydis -lm -pthread -o $@
$(MARKS): $(BUILD)/tools/marks/%: tools/marks/out/main_%.c $(MARKS_PARTS) $(TOOL_SRC)
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Icommon -Itests/harness -Itests/lib $(filter %.c,$^) $(TEST_LIBS) \
		-lZydis -lm -pthread -o $@
endif

$(EXPERIMENTS): $(BUILD)/tools/%: $(BUILD)/tools/%.o
	$(CC) $(LDFLAGS) $^ -o $@

$(GRADE_ONE): $(call obj,$(GRADE_ONE_PARTS)) $(BUILD)/libharness.a $(BUILD)/libcommon.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(TEST_LIBS) -larchive -lZydis -o $@

# doctor needs no library: it is the first to run on a bare machine.
$(BUILD)/tools/doctor/doctor: $(wildcard tools/doctor/*.c tools/doctor/*.h) tests/lib/env.c tests/lib/show.c \
		common/kvm_device.c common/kvm_trouble.c tools/box/host/places.c
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -Icommon -Itests/harness -Itests/lib $(filter %.c,$^) -o $@
$(BUILD)/tools/box/box: $(BOX_BOTH) $(wildcard tools/box/host/*.c) $(BOX_HEADERS)
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -g $(filter %.c,$^) -o $@
$(BUILD)/tools/box/box-init: $(BOX_BOTH) $(wildcard tools/box/init/*.c) $(BOX_HEADERS)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -O2 -static -s $(filter %.c,$^) -o $@

$(BUILD)/tools/bench-bare: $(BUILD)/tools/yardstick/bare.o
$(BUILD)/tools/bench-exit: $(BUILD)/tools/yardstick/exit_cost.o $(BUILD)/tools/yardstick/pairs.o $(call parts,$(LOWEST)) $(BUILD)/libcommon.a
$(BUILD)/tools/bench-bus: $(BUILD)/tools/yardstick/bus_cost.o $(BUILD)/tools/yardstick/pairs.o $(BUILD)/$(LOWEST)/bus.o $(BUILD)/libcommon.a
ifneq ($(BENCH),)
$(BENCH):
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(if $(filter %.a,$^),-lZydis) -lm -o $@
$(BUILD)/tools/bench: $(BENCH)
endif

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
