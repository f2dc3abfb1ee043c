// Reads the line programs (DWARF 5) and function symbols of a linked 64-bit little-endian ELF file. What does not look
// as expected is passed over: a line table is a help, and its lack no error.
#include "llvm/lines.h"

#include <elf.h>
#include <stdlib.h>

// ---- reading -------------------------------------------------------------------------------------------------------

typedef struct {
    const uint8_t *at, *end;
    bool failed;
} Reader;

static uint64_t read_fixed(Reader *r, uint32_t bytes) {
    uint64_t value = 0;
    if ((size_t)(r->end - r->at) < bytes) {
        r->failed = true;
        return 0;
    }
    memcpy(&value, r->at, bytes);
    r->at += bytes;
    return value;
}

static uint64_t read_uleb(Reader *r) {
    uint64_t value = 0;
    for (uint32_t shift = 0; shift < 64; shift += 7) {
        uint64_t byte = read_fixed(r, 1);
        value |= (byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
    r->failed = true;
    return 0;
}

static int64_t read_sleb(Reader *r) {
    uint64_t value = 0, byte = 0;
    uint32_t shift = 0;
    do {
        byte = read_fixed(r, 1);
        value |= (byte & 0x7f) << shift;
        shift += 7;
    } while ((byte & 0x80) && shift < 64);
    if (shift < 64 && (byte & 0x40))
        value |= ~0ull << shift;
    return (int64_t)value;
}

static void skip(Reader *r, uint64_t bytes) {
    if ((uint64_t)(r->end - r->at) < bytes)
        r->failed = true;
    else
        r->at += bytes;
}

static const char *read_string(Reader *r) {
    const uint8_t *nul = memchr(r->at, 0, (size_t)(r->end - r->at));
    if (!nul) {
        r->failed = true;
        return "";
    }
    const char *text = (const char *)r->at;
    r->at = nul + 1;
    return text;
}

static Reader reader_of(Text text) {
    const uint8_t *at = (const uint8_t *)text.data;
    return (Reader){at, at + text.size, false};
}

// ---- sections ------------------------------------------------------------------------------------------------------

typedef struct {
    Text line, line_str, str, symtab, strtab;
} Sections;

static Text content_of(Text file, const Elf64_Shdr *section) {
    if (section->sh_type == SHT_NOBITS || section->sh_offset > file.size ||
        section->sh_size > file.size - section->sh_offset)
        return (Text){0};
    return (Text){file.data + section->sh_offset, section->sh_size};
}

static bool find_sections(Text file, Sections *found) {
    Elf64_Ehdr head;
    if (file.size < sizeof head)
        return false;
    memcpy(&head, file.data, sizeof head);
    uint64_t table_size = (uint64_t)head.e_shnum * sizeof(Elf64_Shdr);
    if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_shoff > file.size ||
        table_size > file.size - head.e_shoff || head.e_shstrndx >= head.e_shnum)
        return false;
    const Elf64_Shdr *sections = (const Elf64_Shdr *)(const void *)(file.data + head.e_shoff);
    Text names = content_of(file, &sections[head.e_shstrndx]);
    static const char *const WANTED[] = {".debug_line", ".debug_line_str", ".debug_str", ".symtab", ".strtab"};
    Text *const places[] = {&found->line, &found->line_str, &found->str, &found->symtab, &found->strtab};
    for (uint32_t i = 0; i < head.e_shnum; i++)
        for (uint32_t w = 0; w < sizeof WANTED / sizeof *WANTED; w++)
            if (sections[i].sh_name < names.size && strcmp(names.data + sections[i].sh_name, WANTED[w]) == 0)
                *places[w] = content_of(file, &sections[i]);
    return found->line.size > 0;
}

// ---- the head of a line program ------------------------------------------------------------------------------------

enum {
    FORM_DATA1 = 0x0b,
    FORM_DATA2 = 0x05,
    FORM_DATA16 = 0x1e,
    FORM_UDATA = 0x0f,
    FORM_STRING = 0x08,
    FORM_STRP = 0x0e,
    FORM_LINE_STRP = 0x1f,
    CONTENT_PATH = 1,
    MAX_FORMATS = 8,
};

typedef struct {
    uint8_t min_length, opcode_base, line_range;
    int8_t line_base;
    const uint8_t *lengths; // of the standard opcodes' operands
    VecU32 files;           // the program's file number → index into LineTable.files
} Head;

static const char *string_at(Text section, uint64_t offset) {
    if (offset >= section.size || !memchr(section.data + offset, 0, section.size - offset))
        return "";
    return section.data + offset;
}

static const char *read_form(Reader *r, const Sections *sections, uint64_t form) {
    switch (form) {
    case FORM_STRING: return read_string(r);
    case FORM_LINE_STRP: return string_at(sections->line_str, read_fixed(r, 4));
    case FORM_STRP: return string_at(sections->str, read_fixed(r, 4));
    case FORM_UDATA: read_uleb(r); return NULL;
    case FORM_DATA1: skip(r, 1); return NULL;
    case FORM_DATA2: skip(r, 2); return NULL;
    case FORM_DATA16: skip(r, 16); return NULL;
    default: r->failed = true; return NULL;
    }
}

static uint32_t file_index(LineTable *table, const char *path) {
    for (uint32_t i = 0; i < table->files.count; i++)
        if (strcmp(table->files.items[i], path) == 0)
            return i;
    vec_push(&table->files, path);
    return table->files.count - 1;
}

// A list of directories or files; of files the paths are kept.
static void read_entries(Reader *r, const Sections *sections, LineTable *table, VecU32 *files) {
    uint64_t formats[MAX_FORMATS][2] = {0};
    uint64_t format_count = read_fixed(r, 1);
    r->failed |= format_count > MAX_FORMATS;
    for (uint64_t i = 0; i < format_count && !r->failed; i++) {
        formats[i][0] = read_uleb(r);
        formats[i][1] = read_uleb(r);
    }
    uint64_t count = read_uleb(r);
    for (uint64_t n = 0; n < count && !r->failed; n++) {
        const char *path = "";
        for (uint64_t i = 0; i < format_count && !r->failed; i++) {
            const char *text = read_form(r, sections, formats[i][1]);
            if (text && formats[i][0] == CONTENT_PATH)
                path = text;
        }
        if (files)
            vec_push(files, file_index(table, path));
    }
}

// ---- the line program ----------------------------------------------------------------------------------------------

typedef struct {
    uint64_t address;
    uint64_t file;
    uint64_t line;
} State;

enum {
    LNS_COPY = 1,
    LNS_ADVANCE_PC,
    LNS_ADVANCE_LINE,
    LNS_SET_FILE,
    LNS_CONST_ADD_PC = 8,
    LNS_FIXED_ADVANCE_PC,
    LNE_END_SEQUENCE = 1,
    LNE_SET_ADDRESS = 2,
};

static void add_row(LineTable *table, const Head *head, const State *s, bool is_end) {
    uint32_t file = s->file < head->files.count ? head->files.items[s->file] : 0;
    LineRow row = {s->address, is_end ? 0 : (uint32_t)s->line, file, table->rows.count};
    vec_push(&table->rows, row);
}

// Removes the rows of a sequence whose code was left out of the program.
static void end_sequence(LineTable *table, uint32_t first) {
    if (first < table->rows.count &&
        (table->rows.items[first].address == 0 || table->rows.items[first].address + 1 == 0))
        table->rows.count = first;
}

static void run_extended(Reader *r, LineTable *table, const Head *head, State *s, uint32_t *first) {
    uint64_t size = read_uleb(r);
    const uint8_t *next = r->at + size;
    if (size == 0 || size > (uint64_t)(r->end - r->at)) {
        r->failed = true;
        return;
    }
    uint64_t op = read_fixed(r, 1);
    if (op == LNE_SET_ADDRESS) {
        s->address = read_fixed(r, 8);
    } else if (op == LNE_END_SEQUENCE) {
        add_row(table, head, s, true);
        end_sequence(table, *first);
        *first = table->rows.count;
        *s = (State){0, 1, 1};
    }
    r->at = next;
}

static void run_standard(Reader *r, LineTable *table, const Head *head, State *s, uint64_t op) {
    switch (op) {
    case LNS_COPY: add_row(table, head, s, false); return;
    case LNS_ADVANCE_PC: s->address += read_uleb(r) * head->min_length; return;
    case LNS_ADVANCE_LINE: s->line += (uint64_t)read_sleb(r); return;
    case LNS_SET_FILE: s->file = read_uleb(r); return;
    case LNS_CONST_ADD_PC:
        s->address += (uint64_t)((255 - head->opcode_base) / head->line_range) * head->min_length;
        return;
    case LNS_FIXED_ADVANCE_PC: s->address += read_fixed(r, 2); return;
    default:
        for (uint32_t i = 0; i < head->lengths[op - 1]; i++)
            read_uleb(r);
        return;
    }
}

static void run_program(Reader *r, LineTable *table, const Head *head) {
    State s = {0, 1, 1};
    uint32_t first = table->rows.count;
    while (r->at < r->end && !r->failed) {
        uint64_t op = read_fixed(r, 1);
        if (op == 0) {
            run_extended(r, table, head, &s, &first);
        } else if (op < head->opcode_base) {
            run_standard(r, table, head, &s, op);
        } else {
            uint64_t special = op - head->opcode_base;
            s.address += special / head->line_range * head->min_length;
            s.line += (uint64_t)(head->line_base + (int64_t)(special % head->line_range));
            add_row(table, head, &s, false);
        }
    }
}

static void read_unit(Reader *r, const Sections *sections, LineTable *table) {
    Head head = {0};
    if (read_fixed(r, 2) != 5)
        return;
    skip(r, 2); // sizes of addresses and segments
    uint64_t head_size = read_fixed(r, 4);
    if (r->failed || head_size > (uint64_t)(r->end - r->at))
        return;
    const uint8_t *program = r->at + head_size;
    head.min_length = (uint8_t)read_fixed(r, 1);
    skip(r, 2); // operations per instruction, default_is_stmt
    head.line_base = (int8_t)read_fixed(r, 1);
    head.line_range = (uint8_t)read_fixed(r, 1);
    head.opcode_base = (uint8_t)read_fixed(r, 1);
    head.lengths = r->at;
    skip(r, head.opcode_base ? head.opcode_base - 1u : 0);
    read_entries(r, sections, table, NULL);
    read_entries(r, sections, table, &head.files);
    if (!r->failed && head.line_range > 0 && head.opcode_base > LNS_FIXED_ADVANCE_PC) {
        r->at = program;
        run_program(r, table, &head);
    }
    vec_free(&head.files);
}

// ---- functions -----------------------------------------------------------------------------------------------------

static void read_symbols(const Sections *sections, LineTable *table) {
    for (size_t at = 0; at + sizeof(Elf64_Sym) <= sections->symtab.size; at += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        memcpy(&symbol, sections->symtab.data + at, sizeof symbol);
        if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_size == 0)
            continue;
        LineFunction fn = {symbol.st_value, symbol.st_size, string_at(sections->strtab, symbol.st_name)};
        vec_push(&table->functions, fn);
    }
}

bool lines_read(Text executable, LineTable *table) {
    Sections sections = {0};
    if (!find_sections(executable, &sections))
        return false;
    Reader all = reader_of(sections.line);
    while (all.at < all.end && !all.failed) {
        uint64_t size = read_fixed(&all, 4);
        if (size >= 0xfffffff0u || size > (uint64_t)(all.end - all.at))
            break;
        Reader unit = {all.at, all.at + size, false};
        read_unit(&unit, &sections, table);
        all.at += size;
    }
    read_symbols(&sections, table);
    return table->rows.count > 0;
}

void lines_free(LineTable *table) {
    vec_free(&table->rows);
    vec_free(&table->files);
    vec_free(&table->functions);
}
