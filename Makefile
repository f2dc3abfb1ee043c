# Builds the toolchain. People use ./dev; this file knows the compiler's flags and what depends on what.
# make            build/bin/janus, linked to the shared LLVM: quick to link, used while developing and under sanitizers
# make unit       the unit tests (tests/unit/*_test.c, one program each, cmocka)
# make B=build/asan SANITIZE=address,undefined …   the same in another folder, instrumented
B ?= build
CC := clang-22
CXX := clang++-22
LLVM_CONFIG := llvm-config-22
WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Werror
OPT ?= -O2
CFLAGS := -std=c11 -D_GNU_SOURCE $(OPT) -g -fno-omit-frame-pointer $(WARNINGS) -Isrc -I. -I$(B)/gen
LDFLAGS := -fuse-ld=lld
ifdef SANITIZE
CFLAGS += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all
LDFLAGS += -fsanitize=$(SANITIZE)
endif

# Stages without LLVM make one library, which the unit tests link; src/llvm and src/driver, src/cli come on top.
CORE_SRC := $(wildcard $(foreach d,base diag astdb syntax sema ir interp,src/$(d)/*.c))
TOP_SRC := $(wildcard $(foreach d,llvm driver cli,src/$(d)/*.c))
CORE_OBJ := $(CORE_SRC:%.c=$(B)/%.o)
TOP_OBJ := $(TOP_SRC:%.c=$(B)/%.o)
UNIT_SRC := $(wildcard tests/unit/*_test.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)

.PHONY: all unit core clean
all: $(if $(TOP_SRC),$(B)/bin/janus,core)
core: $(B)/libjanus.a

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libjanus.a: $(CORE_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

$(B)/unit/%: tests/unit/%.c $(B)/libjanus.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -MMD -MP -o $@ $< $(B)/libjanus.a -lcmocka -lm

unit: $(UNIT_BIN)
	@set -e; for t in $(UNIT_BIN); do $$t; done

clean:
	rm -rf $(B)

-include $(CORE_OBJ:.o=.d) $(TOP_OBJ:.o=.d)
