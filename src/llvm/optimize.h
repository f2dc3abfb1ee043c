// The passes of our own that join LLVM's. C++, unlike the rest: passes have no C interface.
#ifndef JANUS_LLVM_OPTIMIZE_H
#define JANUS_LLVM_OPTIMIZE_H

#include "llvm/IR/PassManager.h"
#include "llvm/IR/Value.h"

// Adds what a value is one of, by the way that led to it or by a choice. False if it is made otherwise.
bool add_choices(llvm::Value *value, llvm::SmallVectorImpl<llvm::Value *> &work);

// Makes a version without checks of inner loops that count.
struct HoistChecksPass : llvm::PassInfoMixin<HoistChecksPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// Takes away the polls of tasks (rt/task.h) that are not needed.
struct FewPollsPass : llvm::PassInfoMixin<FewPollsPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// Takes polls of tasks out of inner loops that count.
struct StripPollsPass : llvm::PassInfoMixin<StripPollsPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// Names the program's lines, not std's, to the runtime of tasks.
struct UserLinesPass : llvm::PassInfoMixin<UserLinesPass> {
    llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &analyses);
};

// Takes the overflow checks from 64-bit counters that would need years to overflow.
struct SlowCountersPass : llvm::PassInfoMixin<SlowCountersPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// Takes the checks from indices of which the program has just seen that they lie below the length.
struct SecondLooksPass : llvm::PassInfoMixin<SecondLooksPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

// Lets small functions that call themselves do the work of two levels in one call, and ask before a call whether it
// would return at once.
struct UnrollRecursionPass : llvm::PassInfoMixin<UnrollRecursionPass> {
    llvm::PreservedAnalyses run(llvm::Module &module, llvm::ModuleAnalysisManager &analyses);
};

#endif
