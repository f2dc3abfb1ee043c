// dyn: tables in read-only memory, and the two words that refer to a value and its table. The first word carries the
// tag of the loan that made it, as any address does; a Box owns what it holds.
#include "interp/internal.h"

static uint8_t *table_address(Interp *in, uint32_t index) {
    while (in->tables.count <= index)
        vec_push(&in->tables, NULL);
    if (in->tables.items[index])
        return in->tables.items[index];
    const JirTable *table = &in->jir->tables.items[index];
    uint64_t size = (TABLE_SLOTS + table->slot_count) * sizeof(uint64_t);
    uint64_t *words = ARENA_ARRAY(in->arena, uint64_t, TABLE_SLOTS + table->slot_count);
    words[TABLE_DROP] = function_word(table->drop);
    words[TABLE_SIZE] = table->size;
    words[TABLE_ALIGN] = table->align;
    for (uint32_t i = 0; i < table->slot_count; i++) {
        JirSlot slot = table->slots[i];
        words[TABLE_SLOTS + i] =
            slot.table ? (uint64_t)(uintptr_t)table_address(in, slot.table) : function_word(slot.fn);
    }
    uint8_t *p = memory_alloc(in, size, 8, BLOCK_FIXED);
    memcpy(p, words, size);
    memset(shadow_of(in, p), SHADOW_FIXED, size);
    return in->tables.items[index] = p;
}

uint32_t dyn_table(Interp *in, const uint8_t *words) {
    uint8_t *table;
    memcpy(&table, words + 8, 8);
    for (uint32_t i = 1; i < in->tables.count; i++)
        if (in->tables.items[i] == table)
            return i;
    interp_violation(in, "a dyn without a table");
}

static void store_words(Interp *in, uint8_t *to, const uint8_t *value, const uint8_t *table, Tag tag) {
    const uint8_t *words[2] = {value, table};
    memory_will_write(in, to, sizeof words, 8);
    memcpy(to, words, sizeof words);
    stored_tag(in, to)[0] = is_owned_memory(in, to) ? TAG_OWNER : tag;
    stored_tag(in, to)[1] = is_owned_memory(in, to) ? TAG_OWNER : TAG_UNTRACKED;
}

// The words at the spot, which becomes that of the value.
static const uint8_t *read_words(Interp *in, Spot *spot) {
    uint8_t *words[2];
    memory_check_read(in, spot->p, sizeof words, 8);
    alias_read(in, spot->tag, spot->p, sizeof words);
    memcpy(words, spot->p, sizeof words);
    spot_follow(in, spot, DEREF_BOX);
    spot->p = words[0];
    return words[1];
}

static uint64_t table_word(Interp *in, const uint8_t *table, int64_t slot) {
    uint64_t word;
    memory_check_read(in, table + slot * 8, 8, 8);
    memcpy(&word, table + slot * 8, 8);
    return word;
}

// The table for the dyn of a supertrait: named by a word of the table, or the table itself (0).
static const uint8_t *super_table(Interp *in, const uint8_t *table, uint32_t word) {
    return word ? (const uint8_t *)(uintptr_t)table_word(in, table, word) : table;
}

static void lend_words(Interp *in, uint8_t *to, bool is_mut, bool is_drop, uint32_t word) {
    Spot spot = in->spot;
    const uint8_t *table = read_words(in, &spot);
    uint64_t size = table_word(in, table, TABLE_SIZE);
    if (!is_drop) // which may find parts moved out that need none
        memory_check_lent(in, spot.p, size, (uint32_t)table_word(in, table, TABLE_ALIGN));
    store_words(in, to, spot.p, super_table(in, table, word), alias_lend(in, &spot, size, is_mut));
}

void dyn_lend(Interp *in, uint8_t *to, bool is_mut, bool is_drop) {
    lend_words(in, to, is_mut, is_drop, 0);
}

void dyn_ref(Interp *in, const Ins *ins) {
    if (dyn_is(in, ins->place_type.id)) {
        Spot words = in->spot, spot = spot_of(in, &ins->dst);
        in->spot = words;
        lend_words(in, spot.p, ins->sub, false, ins->number);
        alias_write(in, &spot, 16);
        return;
    }
    uint8_t *value = in->spot.p;
    Tag tag = alias_lend(in, &in->spot, ins->place_type.size, ins->sub);
    Spot spot = spot_of(in, &ins->dst);
    store_words(in, spot.p, value, table_address(in, ins->number), tag);
    alias_write(in, &spot, 16);
}

void dyn_project(Interp *in, const Ins *ins) {
    place_of(in, ins, 0);
    Spot spot = in->spot;
    const uint8_t *table = read_words(in, &spot);
    uint64_t size = table_word(in, table, TABLE_SIZE);
    memory_check(in, spot.p, lent_bytes(size), (uint32_t)table_word(in, table, TABLE_ALIGN));
    if (ins->dst.kind == ADDR_NONE)
        return;
    Tag tag = alias_project(in, spot.tag, spot.p, size, ins->number == INTRINSIC_ptr_mut);
    store_words(in, address_of(in, &ins->dst), spot.p, table, tag);
    alias_write(in, &in->spot, 16);
}

void dyn_box(Interp *in, const Ins *ins) {
    uint8_t *box = address_of(in, &ins->a.addr), *words[2];
    bool is_dyn = dyn_is(in, type_get(in->program->types, ins->a.type.id)->args[0]);
    uint64_t size = is_dyn ? 16 : 8;
    memory_check_read(in, box, size, 8);
    alias_read(in, in->spot.tag, box, size);
    memcpy(words, box, size);
    if (ins->a.is_move)
        memory_set_moved(in, box, size);
    const uint8_t *table = is_dyn ? super_table(in, words[1], ins->number) : table_address(in, ins->number);
    store_words(in, address_of(in, &ins->dst), words[0], table, TAG_OWNER);
    alias_write(in, &in->spot, 16);
}

uint8_t *dyn_value(Interp *in, const Ins *ins) {
    place_of(in, ins, 0);
    Spot spot = in->spot;
    read_words(in, &spot);
    in->value_tag = spot.tag;
    return spot.p;
}

uint64_t dyn_word(Interp *in, const Ins *ins, int64_t slot) {
    place_of(in, ins, 0);
    Spot spot = in->spot;
    return table_word(in, read_words(in, &spot), slot);
}

void dyn_method(Interp *in, const Ins *ins, int64_t slot) {
    place_of(in, ins, 0);
    Spot spot = in->spot;
    const uint8_t *table = read_words(in, &spot);
    uint64_t words[2] = {table_word(in, table, slot), (uint64_t)(uintptr_t)spot.p};
    uint8_t *dst = address_of(in, &ins->dst);
    memory_will_write(in, dst, sizeof words, 8);
    memcpy(dst, words, sizeof words);
    stored_tag(in, dst)[0] = TAG_UNTRACKED;
    stored_tag(in, dst)[1] = spot.tag;
    alias_write(in, &in->spot, 16);
}
