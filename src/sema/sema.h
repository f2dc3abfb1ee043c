// sema: names, types, traits, error sets and pattern coverage: from syntax to facts.
//
// Order: sema_collect for every module, then sema_signatures for every module, then sema_body for each body wanted
// (all of the user's; of std only what is reached). Facts are final once sema_body returns for the whole call cycle of
// an inferred error set. Sema must not know JIR, code generation or the command line.
#ifndef JANUS_SEMA_H
#define JANUS_SEMA_H

#include "astdb/impls.h"
#include "astdb/program.h"

typedef struct Sema Sema;

Sema *sema_new(Program *program);
void sema_free(Sema *sema);

void sema_collect(Sema *sema, ModuleId module);    // top-level names, duplicates
void sema_link(Sema *sema);                        // imports to modules, lang items; after all are collected
void sema_signatures(Sema *sema, ModuleId module); // shapes, signatures, impls, their coherence
// Checks the body of a function, test or constant and writes its facts. Idempotent. False if it has errors.
bool sema_body(Sema *sema, DeclId decl);
// After the bodies: what concerns the whole program: main's signature, unused imports, private names.
void sema_finish(Sema *sema);
// Reports generic functions that no instance could ever be made of (E0490); after sema_finish, if there are no errors.
void sema_find_endless(Sema *sema);

#endif
