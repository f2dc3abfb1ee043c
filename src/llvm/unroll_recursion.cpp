// Small functions that call themselves: one call does the work of two levels. LLVM's inliner leaves recursion alone.
#include "optimize.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace {

constexpr unsigned MAX_INSTRUCTIONS = 40;
constexpr unsigned MAX_CALLS = 2; // of itself

SmallVector<CallInst *, 4> calls_of_itself(Function &function) {
    SmallVector<CallInst *, 4> calls;
    for (Instruction &instruction : instructions(function))
        if (auto *call = dyn_cast<CallInst>(&instruction))
            if (call->getCalledFunction() == &function)
                calls.push_back(call);
    return calls;
}

// A copy stands for the function as it is now: its calls go to the function itself.
bool unroll(Function &function) {
    auto calls = calls_of_itself(function);
    if (calls.empty() || calls.size() > MAX_CALLS || function.getInstructionCount() > MAX_INSTRUCTIONS)
        return false;
    ValueToValueMapTy map;
    Function *copy = CloneFunction(&function, map);
    copy->setLinkage(GlobalValue::InternalLinkage);
    bool changed = false;
    for (CallInst *call : calls) {
        call->setCalledFunction(copy);
        InlineFunctionInfo info;
        if (InlineFunction(*call, info).isSuccess())
            changed = true;
        else
            call->setCalledFunction(&function);
    }
    if (copy->use_empty())
        copy->eraseFromParent();
    return changed;
}

} // namespace

PreservedAnalyses UnrollRecursionPass::run(Module &module, ModuleAnalysisManager &) {
    SmallVector<Function *, 16> functions;
    for (Function &function : module)
        if (!function.isDeclaration() && function.hasLocalLinkage() && !function.hasFnAttribute(Attribute::NoInline))
            functions.push_back(&function);
    bool changed = false;
    for (Function *function : functions)
        changed |= unroll(*function);
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
