// The passes of our own that join LLVM's. C++, unlike the rest: passes have no C interface.
#ifndef JANUS_LLVM_OPTIMIZE_H
#define JANUS_LLVM_OPTIMIZE_H

#include "llvm/IR/PassManager.h"

// Makes a version without checks of inner loops that count.
struct HoistChecksPass : llvm::PassInfoMixin<HoistChecksPass> {
    llvm::PreservedAnalyses run(llvm::Function &function, llvm::FunctionAnalysisManager &analyses);
};

#endif
