// A poll of tasks as the passes see it.
#ifndef JANUS_LLVM_POLL_H
#define JANUS_LLVM_POLL_H

#include "llvm/IR/Instructions.h"

// A branch on a volatile load of jn_attention, to a block that attends to it and comes back or leaves.
struct Poll {
    llvm::BranchInst *branch;
    llvm::BasicBlock *attend, *next;
};

bool is_poll(llvm::BasicBlock *block, Poll &poll);
// The way goes on without it; the load is for use elsewhere.
llvm::LoadInst *take_out(const Poll &poll);
// The load decides at the end of `block`, which has no end yet, whether to attend.
void put_in(llvm::LoadInst *look, llvm::BasicBlock *block, llvm::BasicBlock *attend, llvm::BasicBlock *next);
// Moves the poll with which a function begins behind its first decision, where one of the ways returns at once: a cycle
// of calls takes the other. True if it did.
bool sink_first_poll(llvm::Function &function);

#endif
