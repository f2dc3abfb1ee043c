# Builds the toolchain. People use ./dev; this file knows the compiler's flags and what depends on what.
# make            build/bin/janus, linked to the shared LLVM: quick to link, used while developing and under sanitizers
# make unit       the unit tests (tests/unit/*_test.c, one program each, cmocka)
# make runner     build/bin/testrunner, which runs the language tests, transcripts and pages of the documentation
# make fuzzers    build/fuzz/*_fuzz: libFuzzer programs under sanitizers (tests/fuzz/*_fuzz.c)
# make release    build/release/bin/janus: optimised, fully static, depends on nothing
# make B=build/asan SANITIZE=address,undefined …   the same in another folder, instrumented
B ?= build
CC := clang-22
CXX := clang++-22
LLVM_CONFIG := llvm-config-22
LLVM_LINK := llvm-link-22
AR := llvm-ar-22
OBJCOPY := llvm-objcopy-22
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Werror
# Accessors of one stage are used by all others: inlining across files makes checking a tenth faster.
OPT ?= $(if $(RELEASE),-O2 -flto=thin,-O2)
CFLAGS := -std=c11 -D_GNU_SOURCE $(OPT) -g -fno-omit-frame-pointer $(WARNINGS) -Isrc -I. -isystem $(shell $(LLVM_CONFIG) --includedir)
CXXFLAGS := $(shell $(LLVM_CONFIG) --cxxflags) $(OPT) -g -fno-rtti -fno-omit-frame-pointer
# The compiler's own structures are checked between the stages, but for the one that users get.
VERIFY ?= $(if $(RELEASE),,yes)
ifneq ($(VERIFY),)
CFLAGS += -DJANUS_VERIFY
endif
LDFLAGS := -fuse-ld=lld $(if $(RELEASE),-flto=thin)
ifdef SANITIZE
CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
endif

# Stages without LLVM make one library, which the unit tests link; src/llvm and src/driver, src/cli come on top.
CORE_SRC := $(wildcard $(foreach d,base diag astdb syntax sema ir calculus interp pkg,src/$(d)/*.c))
TOP_SRC := $(wildcard $(foreach d,llvm driver cli,src/$(d)/*.c))
# The tasks are those of the runtime, for the interpreter.
CORE_SRC += $(wildcard rt/task/*.c)
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o)
TOP_OBJ := $(TOP_SRC:%.c=$(B)/%.o)
TOP_CXX := $(wildcard src/llvm/*.cpp)
TOP_OBJ += $(TOP_CXX:%.cpp=$(B)/%.o)
RUNNER_SRC := $(wildcard tests/runner/*.c)
UNIT_SRC := $(wildcard tests/unit/*_test.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

.PHONY: all unit build-unit fuzzers build-fuzzers core runner generator jircheck release verified clean FORCE
all: $(if $(wildcard src/cli/main.c),$(B)/bin/janus,core)
core: $(B)/libjanus.a

# ---- the runtime, for each target that has a libc here -----------------------------------------------------------------
# Every function has a section of its own, so that a program carries only what it uses. Debug builds link the objects.
# Release builds optimise the bitcode of what is hot along with the program, and link the objects of what runs once. Of what
# is hot there are two builds, see rt/thread.h: with the tasks, and for programs that have none. The objects are as with.
MUSL_x86_64 := /usr/lib/x86_64-linux-musl
MUSL_INCLUDE_x86_64 := /usr/include/x86_64-linux-musl
BUILTINS_x86_64 := $(shell $(CC) --print-resource-dir)/lib/linux/libclang_rt.builtins-x86_64.a
# Another machine's libc is put there by tools/sysroot.sh, which `make sysroots` runs.
SYSROOTS ?= build/sysroot
MUSL_aarch64 := $(SYSROOTS)/aarch64/lib
MUSL_INCLUDE_aarch64 := $(SYSROOTS)/aarch64/include
BUILTINS_aarch64 := $(MUSL_aarch64)/builtins.a
RT_TARGETS := x86_64 $(if $(wildcard $(BUILTINS_aarch64)),aarch64)
RT_SRC := $(wildcard rt/*.c rt/task/*.c)
RT_HOT := alloc arena custom drop float services test text
RT_TASK := $(patsubst rt/%.c,%,$(wildcard rt/task/*.c))
# What reports and follows is part of each program with tasks, and seldom runs: it is kept small.
RT_SMALL := $(patsubst %,task/%,dump order record report standstill trace_file)
RT_COLD := $(filter-out $(RT_HOT) $(RT_TASK),$(RT_SRC:rt/%.c=%))
RT_DEPS := $(RT_SRC) $(wildcard rt/*.h rt/*.def rt/checked/*.h rt/task/*.h)
RT_CFLAGS := -ffile-prefix-map=$(CURDIR)=. -std=c11 -D_GNU_SOURCE -O2 -g1 $(WARNINGS) -Irt -fno-omit-frame-pointer -ffunction-sections -fdata-sections -fno-stack-protector -fPIC -fexceptions -fasynchronous-unwind-tables
rt_flags = --target=$(1)-linux-musl -nostdinc -isystem $(shell $(CC) --print-resource-dir)/include -isystem $(MUSL_INCLUDE_$(1))
rt_folder = $(B)/rt/$(1)-linux-musl

.PHONY: sysroots
sysroots:
	tools/sysroot.sh aarch64 $(SYSROOTS)/aarch64

# What linked-only files use of the hot ones must be JN_SHARED.
rt_shared = nm -u $(RT_COLD:%=$(1)/%.o) | awk '{print $$$$2}' | sort -u > $(1)/needed; \
  readelf -sW $(RT_HOT:%=$(1)/%.o) $(RT_TASK:%=$(1)/%.o) | awk '$$$$5 == "GLOBAL" && $$$$6 == "DEFAULT" && $$$$7 != "UND" {print $$$$8}' | sort -u | \
  comm -12 - $(1)/needed | sed 's/$$$$/: must be JN_SHARED/' | grep . && exit 1 || true

define RT_RULES
$(foreach f,$(RT_SMALL),$(call rt_folder,$(1))/$(f).o $(call rt_folder,$(1))/threads/$(f).bc): RT_SIZE := -Oz
$(call rt_folder,$(1))/%.o: rt/%.c $(RT_DEPS)
	@mkdir -p $$(@D)
	$(CC) $(call rt_flags,$(1)) $(RT_CFLAGS) $$(RT_SIZE) -DJN_THREADS -c -o $$@ $$<
$(call rt_folder,$(1))/%.bc: rt/%.c $(RT_DEPS)
	@mkdir -p $$(@D)
	$(CC) $(call rt_flags,$(1)) $(RT_CFLAGS) -g0 -emit-llvm -c -o $$@ $$<
$(call rt_folder,$(1))/threads/%.bc: rt/%.c $(RT_DEPS)
	@mkdir -p $$(@D)
	$(CC) $(call rt_flags,$(1)) $(RT_CFLAGS) $$(RT_SIZE) -DJN_THREADS -g0 -emit-llvm -c -o $$@ $$<
$(call rt_folder,$(1))/checked_%.o: rt/checked/%.c $(RT_DEPS)
	@mkdir -p $$(@D)
	$(CC) $(call rt_flags,$(1)) $(RT_CFLAGS) -DJN_THREADS -c -o $$@ $$<
# The libc's own debug information leads to sources that are not there, and gdb complains of it.
$(call rt_folder,$(1))/libc/%: $(MUSL_$(1))/%
	@mkdir -p $$(@D)
	$(OBJCOPY) --strip-debug $$< $$@
$(call rt_folder,$(1))/libjanus_rt.a: $(RT_SRC:rt/%.c=$(call rt_folder,$(1))/%.o)
	@$(call rt_shared,$(call rt_folder,$(1)))
	@rm -f $$@
	$(AR) rcs $$@ $$^
$(call rt_folder,$(1))/rt.bc: $(RT_HOT:%=$(call rt_folder,$(1))/%.bc)
	$(LLVM_LINK) -o $$@ $$^
$(call rt_folder,$(1))/tasks.bc: $(patsubst %,$(call rt_folder,$(1))/threads/%.bc,$(RT_HOT) $(RT_TASK))
	$(LLVM_LINK) -o $$@ $$^
endef
$(foreach t,$(RT_TARGETS),$(eval $(call RT_RULES,$(t))))

# ---- what the toolchain carries inside ---------------------------------------------------------------------------------
target_files = $(foreach f,crt1.o crti.o crtn.o libc.a,$(f)=$(call rt_folder,$(1))/libc/$(f)) \
  builtins.a=$(BUILTINS_$(1)) libjanus_rt.a=$(call rt_folder,$(1))/libjanus_rt.a \
  checked_alloc.o=$(call rt_folder,$(1))/checked_alloc.o checked_services.o=$(call rt_folder,$(1))/checked_services.o rt.bc=$(call rt_folder,$(1))/rt.bc tasks.bc=$(call rt_folder,$(1))/tasks.bc
EMBED := $(foreach f,$(shell find lib/std -name '*.jan' 2>/dev/null | LC_ALL=C sort),$(f:lib/%=%)=$(f)) \
  $(foreach f,$(sort $(wildcard docs/explain/*.md)),$(f:docs/%=%)=$(f)) \
  $(foreach t,$(RT_TARGETS),$(addprefix target/$(t)-linux-musl/,$(call target_files,$(t))))
EMBED_FILES := $(foreach e,$(EMBED),$(lastword $(subst =, ,$(e))))

# The list is rewritten only when it changes, so that a removed file rebuilds the table as a changed one does.
$(B)/gen/embed.list: FORCE
	@mkdir -p $(@D)
	@echo '$(EMBED)' | cmp -s - $@ || echo '$(EMBED)' > $@
$(B)/gen/embedded.S: $(B)/gen/embed.list tools/embed.sh $(EMBED_FILES)
	@tools/embed.sh $(EMBED) > $@
$(B)/gen/embedded.o: $(B)/gen/embedded.S
	$(CC) -c -o $@ $<

# ---- the compiler ------------------------------------------------------------------------------------------------------
$(B)/rt/task/%.o: CFLAGS += -DJN_TASKS_HOSTED
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libjanus.a: $(CORE_OBJ) $(B)/gen/embedded.o
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/unit/%: tests/unit/%.c $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(B)/libjanus.a -lcmocka -lm

# lld's library expects every target of LLVM; those that are not linked in get empty functions.
$(B)/gen/no_targets.c:
	@mkdir -p $(@D)
	@nm -u $(LLVM_LIB)/liblldELF.a 2>/dev/null | grep -o 'LLVMInitialize[A-Za-z0-9]*' | sort -u | grep -v -E '$(LLVM_TARGETS)' \
	  | sed 's/.*/void &(void); void &(void) {}/' > $@
$(B)/gen/no_targets.o: $(B)/gen/no_targets.c
	$(CC) -O2 -c -o $@ $<

LLVM_LIB := $(shell $(LLVM_CONFIG) --libdir)
LLVM_TARGETS := X86|AArch64
LLVM_PARTS := x86 aarch64 passes bitreader bitwriter irreader linker dtlto lto option debuginfodwarf analysis
# The constructors of LLVM's options stand together, those of one option's kind too: starting touches a third of the pages.
STARTUP_ORDER := $(B)/gen/startup.order
$(STARTUP_ORDER):
	@mkdir -p $(@D)
	@nm --defined-only -j $(LLVM_LIB)/libLLVM*.a 2>/dev/null | grep '^_ZN4llvm2cl' | LC_ALL=C sort -u > $@
ifdef RELEASE
TOP_LINK = $(B)/gen/no_targets.o -static -Wl,--gc-sections,--icf=all,-z,keep-text-section-prefix \
  -Wl,--symbol-ordering-file=$(STARTUP_ORDER),--no-warn-symbol-ordering -s -L$(LLVM_LIB) -llldELF -llldCommon \
  $(shell $(LLVM_CONFIG) --link-static --libs $(LLVM_PARTS)) -lrt -ldl -lm -lz -lzstd
else
TOP_LINK = -L$(LLVM_LIB) -llldELF -llldCommon -lLLVM-22 -lz -lzstd -lm
endif
$(B)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -MMD -MP -c -o $@ $<
$(B)/bin/janus: $(TOP_OBJ) $(B)/libjanus.a $(if $(RELEASE),$(B)/gen/no_targets.o $(STARTUP_ORDER))
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $(TOP_OBJ) $(B)/libjanus.a $(TOP_LINK)

release:
	+$(MAKE) B=build/release RELEASE=1
# For long runs of small programs: quick to start as a release is, and checks itself.
verified:
	+$(MAKE) B=build/verified RELEASE=1 VERIFY=yes

# ---- tests -------------------------------------------------------------------------------------------------------------
runner: $(B)/bin/testrunner
$(B)/bin/testrunner: $(RUNNER_SRC) $(wildcard tests/runner/*.h) $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -Itests/runner -o $@ $(RUNNER_SRC) $(B)/libjanus.a -lpthread -lm

# The runtime for this machine's own libc, instrumented, for programs that tools/sanitized builds. Objects are malloc's.
SANITIZED_FLAGS = -std=c11 -D_GNU_SOURCE -O1 -g $(WARNINGS) -Irt -fno-omit-frame-pointer -fno-stack-protector -fexceptions -fasynchronous-unwind-tables -DJN_THREADS
SANITIZED_SRC := $(filter-out rt/alloc.c,$(RT_SRC)) $(wildcard tests/sanitized/*.c)
define SANITIZED_RULES
$(B)/sanitized/$(1)/%.o: %.c $(RT_DEPS)
	@mkdir -p $$(@D)
	$(CC) $(SANITIZED_FLAGS) -fsanitize=$(1) -c -o $$@ $$<
$(B)/sanitized/$(1)/libjanus_rt.a: $(SANITIZED_SRC:%.c=$(B)/sanitized/$(1)/%.o)
	@rm -f $$@
	$(AR) rcs $$@ $$^
endef
$(foreach s,thread address,$(eval $(call SANITIZED_RULES,$(s))))
.PHONY: sanitized
sanitized: $(foreach s,thread address,$(B)/sanitized/$(s)/libjanus_rt.a)

# Writes random well-typed programs; tools/generated compares what the back ends make of them.
generator: $(B)/bin/janus-gen
$(B)/bin/janus-gen: $(wildcard tests/gen/*.c tests/gen/*.h) $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(wildcard tests/gen/*.c) $(B)/libjanus.a -lm

# Says what the calculus (src/calculus) finds of the exact JIR of programs, and of mutants of it.
JIRCHECK_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/calculus/*.c))
jircheck: $(B)/bin/janus-jircheck
$(B)/bin/janus-jircheck: $(JIRCHECK_OBJ) $(filter-out $(B)/src/cli/%,$(TOP_OBJ)) $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CXX) $(LDFLAGS) -o $@ $(JIRCHECK_OBJ) $(filter-out $(B)/src/cli/%,$(TOP_OBJ)) $(B)/libjanus.a $(TOP_LINK)

# Tests of code generation link LLVM.
$(B)/unit/llvm_%: tests/unit/llvm_%.c $(filter $(B)/src/llvm/%,$(TOP_OBJ)) $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@.o $<
	$(CXX) $(LDFLAGS) -o $@ $@.o $(filter $(B)/src/llvm/%,$(TOP_OBJ)) $(B)/libjanus.a $(TOP_LINK) -lcmocka

# Programs in C linked with the runtime as compiled ones are, for each target; those of other machines run in an emulator.
RT_TESTS := $(foreach t,$(RT_TARGETS),$(patsubst tests/rt/%.c,$(B)/rt_tests/%_$(t),$(wildcard tests/rt/*_test.c)))
define RT_TEST_RULES
$(B)/rt_tests/%_$(1): tests/rt/%.c tests/rt/build $(call rt_folder,$(1))/libjanus_rt.a
	@mkdir -p $$(@D)
	tests/rt/build $(1)-linux-musl $(call rt_folder,$(1))/libjanus_rt.a $(MUSL_$(1)) $(MUSL_INCLUDE_$(1)) $(BUILTINS_$(1)) $$< $$@
endef
$(foreach t,$(RT_TARGETS),$(eval $(call RT_TEST_RULES,$(t))))
HOST_RT_TESTS := $(filter %_$(shell uname -m),$(RT_TESTS))

build-unit: $(UNIT_BIN) $(RT_TESTS)
unit: $(UNIT_BIN) $(HOST_RT_TESTS)
	@set -e; for t in $(UNIT_BIN) $(HOST_RT_TESTS); do $$t; done

# The library is instrumented for coverage in a folder of its own; only the programs carry libFuzzer's main.
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(B)/%,$(wildcard tests/fuzz/*_fuzz.c))
fuzzers:
	+$(MAKE) B=build/fuzz OPT=-O1 SANITIZE=fuzzer-no-link,address,undefined build-fuzzers
build-fuzzers: $(FUZZ_BIN)
# The checker's fuzzer runs whole sessions, so it needs the driver and what that links.
$(B)/check_fuzz: tests/fuzz/check_fuzz.c $(filter-out $(B)/src/cli/%,$(TOP_OBJ)) $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@.o $<
	$(CXX) $(LDFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $@.o $(filter-out $(B)/src/cli/%,$(TOP_OBJ)) $(B)/libjanus.a $(TOP_LINK)
$(B)/%_fuzz: tests/fuzz/%_fuzz.c $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer,address,undefined -MMD -MP -o $@ $< $(B)/libjanus.a -lm

clean:
	rm -rf $(B)

-include $(CORE_OBJ:.o=.d) $(TOP_OBJ:.o=.d) $(JIRCHECK_OBJ:.o=.d)
