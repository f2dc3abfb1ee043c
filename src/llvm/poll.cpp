// Polls of tasks in LLVM's terms: finding one, and the one that a function begins with.
#include "poll.h"

#include "llvm/IR/CFG.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

bool is_poll(BasicBlock *block, Poll &poll) {
    auto *branch = dyn_cast<BranchInst>(block->getTerminator());
    auto *compare = branch && branch->isConditional() ? dyn_cast<ICmpInst>(branch->getCondition()) : nullptr;
    auto *load = compare && compare->hasOneUse() ? dyn_cast<LoadInst>(compare->getOperand(0)) : nullptr;
    if (!load || !load->isVolatile() || !load->hasOneUse() || !compare->isEquality() ||
        load->getPointerOperand()->getName() != "jn_attention")
        return false;
    unsigned attend = compare->getPredicate() == CmpInst::ICMP_EQ ? 1 : 0;
    poll = {branch, branch->getSuccessor(attend), branch->getSuccessor(1 - attend)};
    return poll.attend->getSinglePredecessor() == block;
}

LoadInst *take_out(const Poll &poll) {
    auto *compare = cast<Instruction>(poll.branch->getCondition());
    auto *look = cast<LoadInst>(compare->getOperand(0));
    IRBuilder<>(poll.branch).CreateBr(poll.next);
    poll.branch->eraseFromParent();
    compare->eraseFromParent();
    look->removeFromParent();
    return look;
}

void put_in(LoadInst *look, BasicBlock *block, BasicBlock *attend, BasicBlock *next) {
    look->insertInto(block, block->end());
    IRBuilder<> b(block);
    MDBuilder weights(block->getContext());
    Value *is_wanted = b.CreateICmpNE(look, Constant::getNullValue(look->getType()));
    b.CreateCondBr(is_wanted, attend, next, weights.createUnlikelyBranchWeights());
}

// ---- the first one -------------------------------------------------------------------------------------------------

static bool has_call(const BasicBlock &block) {
    for (const Instruction &it : block)
        if (auto *call = dyn_cast<CallBase>(&it); call && !isa<IntrinsicInst>(call) && !call->doesNotReturn())
            return true;
    return false;
}

// Without a decision and without calling anything.
static bool returns_at_once(const BasicBlock *block) {
    for (int i = 0; i < 4 && block && !has_call(*block); i++) {
        if (isa<ReturnInst>(block->getTerminator()) || isa<UnreachableInst>(block->getTerminator()))
            return true;
        block = block->getSingleSuccessor();
    }
    return false;
}

// Nothing happens in it that a poll must come before.
static bool only_decides(const BasicBlock &block) {
    for (const Instruction &it : block)
        if (isa<PHINode>(it) || it.mayHaveSideEffects())
            return false;
    auto *decision = dyn_cast<BranchInst>(block.getTerminator());
    return decision && decision->isConditional() && decision->getSuccessor(0) != decision->getSuccessor(1);
}

bool sink_first_poll(Function &function) {
    Poll poll;
    if (!is_poll(&function.getEntryBlock(), poll) || !only_decides(*poll.next) ||
        !is_contained(successors(poll.attend), poll.next))
        return false;
    auto *decision = cast<BranchInst>(poll.next->getTerminator());
    bool first = returns_at_once(decision->getSuccessor(0)), second = returns_at_once(decision->getSuccessor(1));
    if (first == second)
        return false;
    BasicBlock *way = SplitEdge(poll.next, decision->getSuccessor(first ? 1 : 0));
    BasicBlock *rest = SplitBlock(way, way->getTerminator());
    LoadInst *look = take_out(poll);
    way->getTerminator()->eraseFromParent();
    put_in(look, way, poll.attend, rest);
    poll.attend->getTerminator()->replaceSuccessorWith(poll.next, rest);
    poll.attend->moveBefore(rest);
    return true;
}
