// The table by which the runtime names files and lines, in release programs too, and after `strip`: it is data.
//
// All numbers are LEB128, s signed and u unsigned:
//   u number of files, then their paths, each with a NUL
//   u number of rows; per row, in order of address: u address minus the one before, s line minus the one before times
//   two
//     plus one if the file differs from the row before, and then u file. Line 0: nothing known from here on.
//   u number of functions; per function, in order: u address minus the one before, u size, its name with a NUL
#include "llvm/internal.h"
#include "llvm/lines.h"

#include <stdlib.h>

static int by_address(const void *a, const void *b) {
    const LineRow *x = a, *y = b;
    if (x->address != y->address)
        return x->address < y->address ? -1 : 1;
    // an end gives way to what begins at the same address
    if ((x->line == 0) != (y->line == 0))
        return x->line == 0 ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static int functions_by_address(const void *a, const void *b) {
    const LineFunction *x = a, *y = b;
    return x->address < y->address ? -1 : x->address > y->address;
}

static void put_unsigned(Buffer *out, uint64_t value) {
    do {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        buffer_char(out, (char)(byte | (value ? 0x80 : 0)));
    } while (value);
}

static void put_signed(Buffer *out, int64_t value) {
    for (bool more = true; more;) {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        more = !((value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40)));
        buffer_char(out, (char)(byte | (more ? 0x80 : 0)));
    }
}

static bool is_janus(const char *path) {
    return text_ends_with(text_of(path), TEXT(".jan")) || text_ends_with(text_of(path), TEXT(".jans"));
}

// Keeps the last row of each address, and of the rest those that say something new. Lines of C are nobody's concern.
static void compact(LineTable *table) {
    qsort(table->rows.items, table->rows.count, sizeof *table->rows.items, by_address);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->rows.count; i++) {
        LineRow row = table->rows.items[i];
        if (row.line && !is_janus(table->files.items[row.file]))
            row.line = 0;
        if (row.line == 0)
            row.file = kept ? table->rows.items[kept - 1].file : row.file;
        if (kept && table->rows.items[kept - 1].address == row.address)
            kept--;
        if (kept && table->rows.items[kept - 1].line == row.line && table->rows.items[kept - 1].file == row.file)
            continue;
        table->rows.items[kept++] = row;
    }
    table->rows.count = kept;
}

static void write_rows(const LineTable *table, Buffer *out) {
    LineRow last = {0};
    put_unsigned(out, table->rows.count);
    for (uint32_t i = 0; i < table->rows.count; i++) {
        LineRow row = table->rows.items[i];
        bool changes = row.file != last.file;
        put_unsigned(out, row.address - last.address);
        put_signed(out, ((int64_t)row.line - (int64_t)last.line) * 2 + changes);
        if (changes)
            put_unsigned(out, row.file);
        last = row;
    }
}

// Only functions that have lines: the program's own.
static bool has_lines(const LineTable *table, const LineFunction *fn) {
    uint32_t low = 0, high = table->rows.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (table->rows.items[middle].address < fn->address)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < table->rows.count && table->rows.items[low].address < fn->address + fn->size; low++)
        if (table->rows.items[low].line != 0)
            return true;
    return false;
}

static void write_functions(LineTable *table, Buffer *out) {
    qsort(table->functions.items, table->functions.count, sizeof *table->functions.items, functions_by_address);
    uint32_t count = 0;
    for (uint32_t i = 0; i < table->functions.count; i++)
        if (has_lines(table, &table->functions.items[i]))
            table->functions.items[count++] = table->functions.items[i];
    put_unsigned(out, count);
    uint64_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        const LineFunction *fn = &table->functions.items[i];
        put_unsigned(out, fn->address - last);
        put_unsigned(out, fn->size);
        buffer_text(out, (Text){fn->name, strlen(fn->name) + 1});
        last = fn->address;
    }
}

static void write_table(LineTable *table, Buffer *out) {
    compact(table);
    put_unsigned(out, table->files.count);
    for (uint32_t i = 0; i < table->files.count; i++) {
        const char *path = is_janus(table->files.items[i]) ? table->files.items[i] : "";
        buffer_text(out, (Text){path, strlen(path) + 1});
    }
    write_rows(table, out);
    write_functions(table, out);
}

// Data, though nobody writes it: read-only data would lie before the code and move it.
static bool make_object(Text bytes, LlvmTarget target, Arena *arena, Text *object) {
    Text message = {0};
    LLVMContextRef context = LLVMContextCreate();
    LLVMModuleRef module = LLVMModuleCreateWithNameInContext("lines", context);
    LLVMSetTarget(module, target_triple(target));
    LLVMValueRef value = LLVMConstStringInContext2(context, bytes.data, bytes.size, true);
    LLVMValueRef global = LLVMAddGlobal(module, LLVMTypeOf(value), "jn_line_table");
    LLVMSetInitializer(global, value);
    LLVMSetSection(global, ".data.jn_line_table");
    LLVMSetAlignment(global, 1);
    LLVMTargetMachineRef machine = target_machine(target, false, &message, arena);
    bool good = machine && emit_module(module, machine, LLVM_OBJECT, arena, object, &message);
    if (machine)
        LLVMDisposeTargetMachine(machine);
    LLVMDisposeModule(module);
    LLVMContextDispose(context);
    return good;
}

bool line_table_object(Text executable, LlvmTarget target, Arena *arena, Text *object) {
    LineTable table = {0};
    Buffer bytes = {0};
    bool good = lines_read(executable, &table);
    if (good) {
        write_table(&table, &bytes);
        good = make_object(buffer_view(&bytes), target, arena, object);
    }
    vec_free(&bytes);
    lines_free(&table);
    return good;
}
