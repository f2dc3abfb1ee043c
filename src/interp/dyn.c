// dyn: tables in read-only memory, and the two words that refer to a value and its table.
#include "interp/internal.h"

static uint8_t *table_address(Interp *in, uint32_t index) {
    while (in->tables.count <= index)
        vec_push(&in->tables, NULL);
    if (in->tables.items[index])
        return in->tables.items[index];
    const JirTable *table = &in->jir->tables.items[index];
    uint64_t size = (TABLE_METHODS + table->method_count) * sizeof(uint64_t);
    uint64_t *words = ARENA_ARRAY(in->arena, uint64_t, TABLE_METHODS + table->method_count);
    words[TABLE_DROP] = function_word(table->drop);
    words[TABLE_SIZE] = table->size;
    words[TABLE_ALIGN] = table->align;
    for (uint32_t i = 0; i < table->method_count; i++)
        words[TABLE_METHODS + i] = function_word(table->methods[i]);
    uint8_t *p = memory_alloc(in, size, 8, BLOCK_FIXED);
    memcpy(p, words, size);
    memset(shadow_of(in, p), SHADOW_FIXED, size);
    return in->tables.items[index] = p;
}

static void store_words(Interp *in, const Ins *ins, const uint8_t *value) {
    const uint8_t *words[2] = {value, table_address(in, ins->number)};
    uint8_t *dst = address_of(in, &ins->dst);
    memory_will_write(in, dst, sizeof words, 8);
    memcpy(dst, words, sizeof words);
}

void dyn_ref(Interp *in, const Ins *ins, const uint8_t *p) {
    if (ins->number)
        store_words(in, ins, p);
    else
        memory_move_bytes(in, address_of(in, &ins->dst), p, 16, 8);
}

void dyn_box(Interp *in, const Ins *ins) {
    uint8_t *box = address_of(in, &ins->a.addr), *value;
    memory_check_read(in, box, 8, 8);
    memcpy(&value, box, 8);
    if (ins->a.is_move)
        memory_set_moved(in, box, 8);
    store_words(in, ins, value);
}

uint64_t dyn_word(Interp *in, const uint8_t *dyn, int64_t slot) {
    const uint8_t *table;
    uint64_t word;
    memory_check_read(in, dyn, 16, 8);
    memcpy(&table, dyn + 8, 8);
    memory_check_read(in, table + slot * 8, 8, 8);
    memcpy(&word, table + slot * 8, 8);
    return word;
}
