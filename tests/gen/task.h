// Programs with nurseries. What they print is the same in every order of their tasks, whoever runs them.
//
// Ideas. There are two kinds of functions. Scenes (task_scene.c) are random trees of nurseries whose tasks share only
// what the language makes deterministic: what is read, added to, changed by one alone or by elements, given away and
// joined. So they give one result whatever the order. Patterns (task_pattern.c, task_cancel.c) wait for each other,
// by channels, locks and time; what they give holds in every order, and they assert what must hold on the way: totals,
// the order of what one task sent, how many are within, and that all that was made was dropped.
// Under a seed the order is to be the same again: so tasks write to standard error, which is compared then only.
#ifndef JANUS_GEN_TASK_H
#define JANUS_GEN_TASK_H

#include "gen.h"

enum { MAX_ADDED = 24, MAX_SCENES = 4, MAX_HANDLES = 8 };

// What tasks add to.
typedef enum { ADD_LIST, ADD_TEXT, ADD_SUM, ADD_FLOATS, ADD_PRODUCT, ADD_MAP, ADD_SET, ADD_STEPS, ADD_KINDS } AddKind;

typedef struct {
    AddKind kind;
    int name;
    int type; // of the variable; ADD_STEPS and ADD_SET have none
    int item; // of a list, or the values of a map
} Added;

struct GenTasks {
    Added added[MAX_ADDED];
    int added_first, added_count; // those in reach of the task that is written now
    int scene_count;
    bool scene_fails[MAX_SCENES];
    int depth;  // of nurseries
    int spawns; // left in this scene
};

// ---- what is added (task_added.c)
void added_declare(Gen *g);                // a variable, which is in reach from then on
void added_use(Gen *g);                    // a statement that adds to one, if there is any
void added_digest(Gen *g, const Added *a); // folds it into `seen`

void scene_write(Gen *g, int index); // task_scene.c: func scene_N(seed: i64) -> i64
int patterns_count(void);            // task_pattern.c, task_cancel.c: func pattern_N(seed: i64) -> i64
void pattern_write(Gen *g, int index);
void tasks_prelude(Gen *g);
void tasks_program(Gen *g); // task_main.c

#endif
