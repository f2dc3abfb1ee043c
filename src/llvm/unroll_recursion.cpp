// Small functions that call themselves: one call does the work of two levels, and what returns at once for a cheap
// reason (`if n < 2`) is found out before it is called. LLVM's inliner leaves recursion alone.
#include "optimize.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"

using namespace llvm;

namespace {

constexpr unsigned MAX_INSTRUCTIONS = 40;
constexpr unsigned MAX_QUESTION = 4; // instructions
constexpr unsigned MAX_CALLS = 2;    // of itself

SmallVector<CallInst *, 4> calls_of_itself(Function &function) {
    SmallVector<CallInst *, 4> calls;
    for (Instruction &instruction : instructions(function))
        if (auto *call = dyn_cast<CallInst>(&instruction))
            if (call->getCalledFunction() == &function)
                calls.push_back(call);
    return calls;
}

// Whether the function begins by a cheap question after which it may return at once; then the successor of its first
// block that goes on.
BasicBlock *what_follows_the_question(Function &function) {
    BasicBlock &entry = function.getEntryBlock();
    auto *branch = dyn_cast<BranchInst>(entry.getTerminator());
    if (!branch || !branch->isConditional() || entry.size() > MAX_QUESTION)
        return nullptr;
    for (Instruction &instruction : entry)
        if (instruction.mayHaveSideEffects() || instruction.mayReadFromMemory())
            return nullptr;
    for (unsigned i = 0; i < 2; i++) {
        BasicBlock *end = branch->getSuccessor(i), *rest = branch->getSuccessor(1 - i);
        if (end != rest && isa<ReturnInst>(end->getTerminator()) && end->sizeWithoutDebug() <= 2 &&
            rest->getSinglePredecessor() == &entry)
            return rest;
    }
    return nullptr;
}

// A function that asks the question and calls the function where that does not return at once.
Function *ask_first(Function &function) {
    ValueToValueMapTy map;
    BasicBlock *rest = what_follows_the_question(function);
    if (!rest)
        return nullptr;
    Function *asking = CloneFunction(&function, map);
    asking->setLinkage(GlobalValue::InternalLinkage);
    auto *after = cast<BasicBlock>(map[rest]);
    SmallVector<Value *, 8> arguments;
    for (Argument &argument : asking->args())
        arguments.push_back(&argument);
    DebugLoc place = after->getTerminator()->getDebugLoc();
    changeToUnreachable(&*after->getFirstInsertionPt());
    Instruction *end = after->getTerminator();
    IRBuilder<> b(end);
    b.SetCurrentDebugLocation(place);
    CallInst *call = b.CreateCall(&function, arguments);
    call->setCallingConv(function.getCallingConv());
    if (call->getType()->isVoidTy())
        b.CreateRetVoid();
    else
        b.CreateRet(call);
    end->eraseFromParent();
    removeUnreachableBlocks(*asking);
    return asking;
}

// Puts a body in the place of every call of the function itself.
bool put_in(Function &function, Function &body) {
    bool changed = false;
    for (CallInst *call : calls_of_itself(function)) {
        call->setCalledFunction(&body);
        InlineFunctionInfo info;
        if (InlineFunction(*call, info).isSuccess())
            changed = true;
        else
            call->setCalledFunction(&function);
    }
    return changed;
}

bool unroll(Function &function) {
    auto calls = calls_of_itself(function);
    if (calls.empty() || calls.size() > MAX_CALLS || function.getInstructionCount() > MAX_INSTRUCTIONS)
        return false;
    ValueToValueMapTy map;
    Function *copy = CloneFunction(&function, map), *asking = ask_first(function);
    copy->setLinkage(GlobalValue::InternalLinkage);
    bool changed = put_in(function, *copy);
    if (changed && asking)
        put_in(function, *asking);
    for (Function *body : {copy, asking})
        if (body && body->use_empty())
            body->eraseFromParent();
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
