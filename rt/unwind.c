// Leaves the frames of a panic: reads .eh_frame_hdr, .eh_frame and the call-site tables of the functions, jumps to the
// cleanups they name, and goes on where these resume. There are no handlers, so there is one phase and no search.
//
// A Context is the state a frame's function has at a call: the callee-saved registers, the stack pointer and the
// address after the call. A step computes that of the caller from the rules for the address.
#include "unwind.h"

#include <elf.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

// Every program carries this and few run it: it is to be small.
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

_Noreturn void jn_unwind_run(Context *context);

// Programs with tasks have it (rt/task): it goes the same way by steps that it remembers.
#pragma weak jn_unwind_remembered

// ---- reading the tables --------------------------------------------------------------------------------------------

static uint64_t read_fixed(const uint8_t **at, uint32_t size) {
    uint64_t value = 0;
    memcpy(&value, *at, size); // little-endian
    *at += size;
    return value;
}

static uint64_t read_unsigned(const uint8_t **at) {
    uint64_t value = 0;
    for (uint32_t shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static int64_t read_signed(const uint8_t **at) {
    uint64_t value = 0;
    for (uint32_t shift = 0;;) {
        uint8_t byte = *(*at)++;
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (!(byte & 0x80))
            return (int64_t)(shift < 64 && (byte & 0x40) ? value | ~0ull << shift : value);
    }
}

enum { ENCODING_OMIT = 0xff, ENCODING_PC_RELATIVE = 0x10, ENCODING_DATA_RELATIVE = 0x30, ENCODING_INDIRECT = 0x80 };

// A pointer in one of the encodings of DWARF's exception tables; `data` is what data-relative ones are relative to.
__attribute__((noinline)) static uint64_t read_pointer(const uint8_t **at, uint8_t encoding, const uint8_t *data) {
    if (encoding == ENCODING_OMIT)
        return 0;
    const uint8_t *start = *at;
    uint64_t value;
    switch (encoding & 0x0f) {
    case 0x01: value = read_unsigned(at); break;
    case 0x02: value = read_fixed(at, 2); break;
    case 0x03: value = read_fixed(at, 4); break;
    case 0x09: value = (uint64_t)read_signed(at); break;
    case 0x0a: value = (uint64_t)(int16_t)read_fixed(at, 2); break;
    case 0x0b: value = (uint64_t)(int32_t)read_fixed(at, 4); break;
    default: value = read_fixed(at, 8); break;
    }
    if (value == 0)
        return 0;
    if ((encoding & 0x70) == ENCODING_PC_RELATIVE)
        value += (uintptr_t)start;
    else if ((encoding & 0x70) == ENCODING_DATA_RELATIVE)
        value += (uintptr_t)data;
    if (encoding & ENCODING_INDIRECT)
        memcpy(&value, (const void *)(uintptr_t)value, 8);
    return value;
}

// ---- the tables of one function ------------------------------------------------------------------------------------

typedef struct {
    const uint8_t *initial, *initial_end; // rules common to all functions with this header
    const uint8_t *rules, *rules_end;
    uint64_t start, size;
    const uint8_t *call_sites; // NULL if it has no cleanups
    uint64_t code_align;
    int64_t data_align;
    uint64_t return_register;
} Frame;

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

static const uint8_t *frame_header(void) {
    const uint8_t *base = (const uint8_t *)&__ehdr_start, *header = NULL;
    const Elf64_Phdr *programs = (const Elf64_Phdr *)(const void *)(base + __ehdr_start.e_phoff);
    uint64_t bias = 0;
    for (uint32_t i = 0; i < __ehdr_start.e_phnum; i++)
        if (programs[i].p_type == PT_LOAD && programs[i].p_offset == 0)
            bias = (uintptr_t)base - programs[i].p_vaddr;
    for (uint32_t i = 0; i < __ehdr_start.e_phnum; i++)
        if (programs[i].p_type == PT_GNU_EH_FRAME)
            header = (const uint8_t *)(uintptr_t)(bias + programs[i].p_vaddr);
    return header;
}

// The description of the last function that does not begin behind `pc`, from the sorted table of .eh_frame_hdr.
static const uint8_t *find_description(uint64_t pc) {
    const uint8_t *header = frame_header();
    if (!header)
        return NULL;
    const uint8_t *at = header + 4;
    read_pointer(&at, header[1], header);
    uint64_t count = read_pointer(&at, header[2], header);
    int32_t relative = (int32_t)(pc - (uintptr_t)header);
    uint64_t low = 0, high = count; // rows of two signed words: start and description, relative to the header
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int32_t start;
        memcpy(&start, at + middle * 8, 4);
        if (start <= relative)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return NULL;
    int32_t description;
    memcpy(&description, at + (low - 1) * 8 + 4, 4);
    return header + description;
}

typedef struct {
    bool has_size;
    uint8_t pointers, call_sites; // encodings
} Augmentation;

static Augmentation read_common(const uint8_t *common, Frame *frame) {
    Augmentation result = {false, 0, ENCODING_OMIT};
    const uint8_t *at = common;
    uint64_t length = read_fixed(&at, 4);
    frame->initial_end = at + length;
    at += 4 + 1; // its id, version
    const char *letters = (const char *)at;
    at += strlen(letters) + 1;
    frame->code_align = read_unsigned(&at);
    frame->data_align = read_signed(&at);
    frame->return_register = read_unsigned(&at);
    const uint8_t *end = NULL;
    for (; *letters; letters++) {
        if (*letters == 'z') {
            uint64_t size = read_unsigned(&at);
            end = at + size;
            result.has_size = true;
        } else if (*letters == 'R') {
            result.pointers = *at++;
        } else if (*letters == 'L') {
            result.call_sites = *at++;
        } else if (*letters == 'P') {
            uint8_t encoding = *at++;
            read_pointer(&at, encoding & 0x7f, NULL);
        }
    }
    frame->initial = end ? end : at;
    return result;
}

static bool find_frame(uint64_t pc, Frame *frame) {
    const uint8_t *at = find_description(pc);
    if (!at)
        return false;
    uint64_t length = read_fixed(&at, 4);
    frame->rules_end = at + length;
    const uint8_t *here = at;
    Augmentation common = read_common(here - read_fixed(&at, 4), frame);
    frame->start = read_pointer(&at, common.pointers, NULL);
    frame->size = read_pointer(&at, common.pointers & 0x0f, NULL);
    frame->call_sites = NULL;
    if (common.has_size) {
        uint64_t size = read_unsigned(&at);
        const uint8_t *end = at + size;
        if (size > 0 && common.call_sites != ENCODING_OMIT)
            frame->call_sites = (const uint8_t *)(uintptr_t)read_pointer(&at, common.call_sites, NULL);
        at = end;
    }
    frame->rules = at;
    return pc - frame->start < frame->size;
}

// ---- rules: where the caller's registers are -----------------------------------------------------------------------

typedef enum { RULE_SAME, RULE_OFFSET, RULE_REGISTER, RULE_UNDEFINED } RuleKind;

typedef struct {
    uint8_t kind[REG_COUNT];
    int64_t value[REG_COUNT]; // OFFSET: from the frame's address; REGISTER: its number
    uint64_t base_register;   // the frame's address is this register plus an offset
    int64_t base_offset;
} Rules;

enum { STATES = 4 };

typedef struct {
    Rules now, initial, saved[STATES];
    uint32_t saved_count;
} Machine;

static void set_rule(Rules *rules, uint64_t reg, RuleKind kind, int64_t value) {
    if (reg >= REG_COUNT)
        return;
    rules->kind[reg] = (uint8_t)kind;
    rules->value[reg] = value;
}

static void restore_rule(Machine *m, uint64_t reg) {
    if (reg < REG_COUNT)
        set_rule(&m->now, reg, (RuleKind)m->initial.kind[reg], m->initial.value[reg]);
}

static void skip_expression(const uint8_t **at) {
    uint64_t size = read_unsigned(at);
    *at += size;
}

// An instruction that is no row of its own in the primary table. False if it is not known.
static bool run_extended(Machine *m, uint8_t code, const uint8_t **at, const Frame *frame) {
    uint64_t reg;
    switch (code) {
    case 0x00: return true; // nop
    case 0x05:              // offset_extended
        reg = read_unsigned(at);
        set_rule(&m->now, reg, RULE_OFFSET, (int64_t)read_unsigned(at) * frame->data_align);
        return true;
    case 0x06: restore_rule(m, read_unsigned(at)); return true;
    case 0x07: set_rule(&m->now, read_unsigned(at), RULE_UNDEFINED, 0); return true;
    case 0x08: set_rule(&m->now, read_unsigned(at), RULE_SAME, 0); return true;
    case 0x09: // register
        reg = read_unsigned(at);
        set_rule(&m->now, reg, RULE_REGISTER, (int64_t)read_unsigned(at));
        return true;
    case 0x0a: // remember_state
        if (m->saved_count == STATES)
            return false;
        m->saved[m->saved_count++] = m->now;
        return true;
    case 0x0b: // restore_state
        if (m->saved_count == 0)
            return false;
        m->now = m->saved[--m->saved_count];
        return true;
    case 0x0c: // def_cfa
        m->now.base_register = read_unsigned(at);
        m->now.base_offset = (int64_t)read_unsigned(at);
        return true;
    case 0x0d: m->now.base_register = read_unsigned(at); return true;
    case 0x0e: m->now.base_offset = (int64_t)read_unsigned(at); return true;
    case 0x11: // offset_extended_sf
        reg = read_unsigned(at);
        set_rule(&m->now, reg, RULE_OFFSET, read_signed(at) * frame->data_align);
        return true;
    case 0x12: // def_cfa_sf
        m->now.base_register = read_unsigned(at);
        m->now.base_offset = read_signed(at) * frame->data_align;
        return true;
    case 0x13: m->now.base_offset = read_signed(at) * frame->data_align; return true;
    case 0x10:
    case 0x16: // an expression for a register: nothing that the compiler emits
        read_unsigned(at);
        skip_expression(at);
        return true;
    case 0x2d: return true; // negate_ra_state of aarch64
    case 0x2e: read_unsigned(at); return true;
    default: return false;
    }
}

// Runs instructions until they speak of addresses behind `pc`.
static bool run_rules(Machine *m, const uint8_t *at, const uint8_t *end, const Frame *frame, uint64_t pc) {
    uint64_t location = frame->start;
    while (at < end) {
        uint8_t code = *at++, low = code & 0x3f;
        switch (code >> 6) {
        case 1: location += low * frame->code_align; break;
        case 2: set_rule(&m->now, low, RULE_OFFSET, (int64_t)read_unsigned(&at) * frame->data_align); break;
        case 3: restore_rule(m, low); break;
        default:
            if (code >= 0x02 && code <= 0x04)
                location += read_fixed(&at, 1u << (code - 2)) * frame->code_align;
            else if (!run_extended(m, code, &at, frame))
                return false;
            break;
        }
        if (location > pc)
            return true;
    }
    return true;
}

// What holds at the address; false if it is not known.
static bool find_rules(const Frame *frame, uint64_t pc, Machine *m) {
    memset(&m->now, 0, sizeof m->now);
    m->saved_count = 0;
    if (!run_rules(m, frame->initial, frame->initial_end, frame, UINT64_MAX))
        return false;
    m->initial = m->now;
    return run_rules(m, frame->rules, frame->rules_end, frame, pc - 1) && m->now.base_register < REG_COUNT;
}

// Gives the caller's context, and the address of the frame.
static bool step(const Context *context, const Frame *frame, Context *caller, uint64_t *address) {
    Machine m;
    if (!find_rules(frame, context->pc, &m))
        return false;
    uint64_t base = context->regs[m.now.base_register] + (uint64_t)m.now.base_offset;
    *address = base;
    *caller = *context;
    for (uint32_t i = 0; i < REG_COUNT; i++) {
        if (m.now.kind[i] == RULE_OFFSET)
            memcpy(&caller->regs[i], (const void *)(uintptr_t)(base + (uint64_t)m.now.value[i]), 8);
        else if (m.now.kind[i] == RULE_REGISTER && (uint64_t)m.now.value[i] < REG_COUNT)
            caller->regs[i] = context->regs[m.now.value[i]];
    }
    if (m.now.kind[REG_SP] == RULE_SAME)
        caller->regs[REG_SP] = base;
    if (m.now.kind[REG_RETURN] == RULE_UNDEFINED)
        return false; // the root of a stack
    caller->pc = caller->regs[REG_RETURN];
    return true;
}

// ---- cleanups ------------------------------------------------------------------------------------------------------

// The cleanup for a call that ends at `pc`, 0 if there is none.
static uint64_t find_cleanup(const Frame *frame, uint64_t pc) {
    const uint8_t *at = frame->call_sites;
    if (!at)
        return 0;
    uint8_t start_encoding = *at++;
    uint64_t pads = start_encoding == ENCODING_OMIT ? frame->start : read_pointer(&at, start_encoding, NULL);
    if (*at++ != ENCODING_OMIT)
        read_unsigned(&at);
    uint8_t encoding = *at++;
    uint64_t size = read_unsigned(&at);
    const uint8_t *end = at + size;
    while (at < end) {
        uint64_t start = frame->start + read_pointer(&at, encoding & 0x0f, NULL);
        uint64_t length = read_pointer(&at, encoding & 0x0f, NULL);
        uint64_t pad = read_pointer(&at, encoding & 0x0f, NULL);
        read_unsigned(&at);
        if (pc - 1 >= start && pc - 1 < start + length)
            return pad ? pads + pad : 0;
    }
    return 0;
}

bool jn_unwind_find(uint64_t pc, UnwindStep *to) {
    Frame frame;
    Machine m;
    if (!find_frame(pc - 1, &frame) || !find_rules(&frame, pc, &m))
        return false;
    *to = (UnwindStep){.pc = pc,
                       .cleanup = find_cleanup(&frame, pc),
                       .base_offset = m.now.base_offset,
                       .base_register = (uint32_t)m.now.base_register,
                       .is_root = m.now.kind[REG_RETURN] == RULE_UNDEFINED};
    for (uint32_t i = 0; i < REG_COUNT; i++) {
        if (m.now.kind[i] == RULE_SAME || m.now.kind[i] == RULE_UNDEFINED)
            continue;
        // What lies in another register, or where most functions save nothing, is not worth remembering.
        if (m.now.kind[i] != RULE_OFFSET || i == REG_SP || to->count == UNWIND_SAVED)
            return false;
        to->saved[to->count].reg = i;
        to->saved[to->count++].offset = (int32_t)m.now.value[i];
    }
    return true;
}

// Goes up to the next frame with a cleanup and jumps there. What lies above the frame of C's main is libc's.
_Noreturn __attribute__((used)) void jn_unwind_run(Context *context) {
    if (jn_unwind_remembered)
        jn_unwind_remembered(context);
    for (;;) {
        Frame frame;
        Context caller;
        uint64_t address;
        if (!find_frame(context->pc - 1, &frame) || !step(context, &frame, &caller, &address) ||
            address > (uintptr_t)jn_stack_top)
            jn_panic_end();
        uint64_t cleanup = find_cleanup(&frame, context->pc);
        if (cleanup) {
            context->pc = cleanup;
            jn_unwind_install(context);
        }
        *context = caller;
    }
}

// Never called: its name in the tables says that their form is this one.
int __gcc_personality_v0(void);
__attribute__((used)) int __gcc_personality_v0(void) {
    return 0;
}

#pragma clang attribute pop

// ---- into and out of a context -------------------------------------------------------------------------------------
// jn_unwind and _Unwind_Resume (the end of a cleanup) make the context of their caller on the stack and run.

#if defined(__x86_64__)
__asm__(".section .text.jn_unwind,\"ax\",@progbits\n"
        ".globl jn_unwind\n.hidden jn_unwind\n.type jn_unwind,@function\n"
        ".globl _Unwind_Resume\n.hidden _Unwind_Resume\n.type _Unwind_Resume,@function\n"
        "jn_unwind:\n_Unwind_Resume:\n"
        "  mov (%rsp), %rax\n"
        "  lea 8(%rsp), %rcx\n"
        "  sub $152, %rsp\n" // 18 words and 8 bytes to keep the stack aligned
        "  mov %rbx, 24(%rsp)\n"
        "  mov %rbp, 48(%rsp)\n"
        "  mov %rcx, 56(%rsp)\n"
        "  mov %r12, 96(%rsp)\n"
        "  mov %r13, 104(%rsp)\n"
        "  mov %r14, 112(%rsp)\n"
        "  mov %r15, 120(%rsp)\n"
        "  mov %rax, 136(%rsp)\n"
        "  mov %rsp, %rdi\n"
        "  call jn_unwind_run\n"
        ".size jn_unwind, . - jn_unwind\n.size _Unwind_Resume, . - _Unwind_Resume\n"
        ".section .text.jn_unwind_install,\"ax\",@progbits\n"
        ".globl jn_unwind_install\n.hidden jn_unwind_install\n.type jn_unwind_install,@function\n"
        "jn_unwind_install:\n"
        "  mov 24(%rdi), %rbx\n"
        "  mov 48(%rdi), %rbp\n"
        "  mov 96(%rdi), %r12\n"
        "  mov 104(%rdi), %r13\n"
        "  mov 112(%rdi), %r14\n"
        "  mov 120(%rdi), %r15\n"
        "  mov 136(%rdi), %rcx\n"
        "  mov 56(%rdi), %rsp\n"
        "  xor %eax, %eax\n"
        "  xor %edx, %edx\n"
        "  jmp *%rcx\n"
        ".size jn_unwind_install, . - jn_unwind_install\n"
        ".text\n");
#else
__asm__(".section .text.jn_unwind,\"ax\",@progbits\n"
        ".globl jn_unwind\n.hidden jn_unwind\n.type jn_unwind,@function\n"
        ".globl _Unwind_Resume\n.hidden _Unwind_Resume\n.type _Unwind_Resume,@function\n"
        "jn_unwind:\n_Unwind_Resume:\n"
        "  mov x9, sp\n"
        "  sub sp, sp, #656\n" // 81 words, rounded up to 16 bytes
        "  stp x19, x20, [sp, #152]\n"
        "  stp x21, x22, [sp, #168]\n"
        "  stp x23, x24, [sp, #184]\n"
        "  stp x25, x26, [sp, #200]\n"
        "  stp x27, x28, [sp, #216]\n"
        "  stp x29, x30, [sp, #232]\n"
        "  str x9, [sp, #248]\n"
        "  add x10, sp, #576\n"
        "  stp d8, d9, [x10]\n"
        "  stp d10, d11, [x10, #16]\n"
        "  stp d12, d13, [x10, #32]\n"
        "  stp d14, d15, [x10, #48]\n"
        "  str x30, [sp, #640]\n"
        "  mov x0, sp\n"
        "  bl jn_unwind_run\n"
        ".size jn_unwind, . - jn_unwind\n.size _Unwind_Resume, . - _Unwind_Resume\n"
        ".section .text.jn_unwind_install,\"ax\",@progbits\n"
        ".globl jn_unwind_install\n.hidden jn_unwind_install\n.type jn_unwind_install,@function\n"
        "jn_unwind_install:\n"
        "  ldp x19, x20, [x0, #152]\n"
        "  ldp x21, x22, [x0, #168]\n"
        "  ldp x23, x24, [x0, #184]\n"
        "  ldp x25, x26, [x0, #200]\n"
        "  ldp x27, x28, [x0, #216]\n"
        "  ldp x29, x30, [x0, #232]\n"
        "  add x10, x0, #576\n"
        "  ldp d8, d9, [x10]\n"
        "  ldp d10, d11, [x10, #16]\n"
        "  ldp d12, d13, [x10, #32]\n"
        "  ldp d14, d15, [x10, #48]\n"
        "  ldr x9, [x0, #248]\n"
        "  ldr x10, [x0, #640]\n"
        "  mov sp, x9\n"
        "  mov x0, xzr\n"
        "  mov x1, xzr\n"
        "  br x10\n"
        ".size jn_unwind_install, . - jn_unwind_install\n"
        ".text\n");
#endif
