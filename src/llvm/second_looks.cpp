// Indices that need no second look. In `while i < xs.len do … xs[i] …` the program has just seen that i lies below the
// length, but as a signed number; that it is not negative takes a view of all its changes: it starts at or above zero
// and only goes up. LLVM sees this of loops that count, this pass of all others: parsers, scanners, merges.
#include "optimize.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/ConstantRange.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;

namespace {

constexpr unsigned MAX_VALUES = 200;
constexpr unsigned MAX_USERS = 200; // of a length, that are looked through for comparisons

// Adds what a value is made from by going up, or says that it is made otherwise.
bool add_sources(Value *value, SmallVectorImpl<Value *> &work) {
    using namespace PatternMatch;
    const APInt *amount;
    Value *base;
    if (add_choices(value, work))
        return true;
    bool goes_up = (match(value, m_NSWAdd(m_Value(base), m_APInt(amount))) && !amount->isNegative()) ||
                   match(value, m_NSWAdd(m_Value(base), m_ZExt(m_Value()))) ||
                   match(value, m_NSWAdd(m_ZExt(m_Value()), m_Value(base)));
    if (goes_up)
        work.push_back(base);
    return goes_up;
}

bool is_never_negative(Value *value) {
    SmallPtrSet<Value *, 32> seen;
    SmallVector<Value *, 16> work = {value};
    while (!work.empty()) {
        Value *next = work.pop_back_val();
        if (!seen.insert(next).second || !computeConstantRange(next, true).getSignedMin().isNegative())
            continue;
        if (seen.size() > MAX_VALUES || !add_sources(next, work))
            return false;
    }
    return true;
}

// Whether this answer of a comparison means that `value` lies below `limit`, as signed numbers.
bool says_below(ICmpInst *compare, bool answer, Value *value, Value *limit) {
    bool limit_is_left = compare->getOperand(0) == limit;
    Value *other = compare->getOperand(limit_is_left ? 1 : 0);
    CmpInst::Predicate predicate = answer ? compare->getPredicate() : compare->getInversePredicate();
    if (!limit_is_left)
        predicate = CmpInst::getSwappedPredicate(predicate);
    if (other == value)
        return predicate == CmpInst::ICMP_SGT;
    auto *number = dyn_cast<ConstantInt>(value), *bound = dyn_cast<ConstantInt>(other);
    if (!number || !bound)
        return false;
    return ConstantRange::makeExactICmpRegion(predicate, bound->getValue()).getSignedMin().sgt(number->getValue());
}

// Whether a branch whose way `leads_here` accepts has found that the value lies below the limit.
bool is_seen_below(Value *value, Value *limit, function_ref<bool(const BasicBlockEdge &)> leads_here) {
    if (limit->hasNUsesOrMore(MAX_USERS))
        return false;
    for (User *user : limit->users()) {
        auto *compare = dyn_cast<ICmpInst>(user);
        if (!compare)
            continue;
        for (User *use : compare->users()) {
            auto *branch = dyn_cast<BranchInst>(use);
            if (!branch || !branch->isConditional() || branch->getSuccessor(0) == branch->getSuccessor(1))
                continue;
            for (unsigned i = 0; i < 2; i++)
                if (says_below(compare, i == 0, value, limit) &&
                    leads_here(BasicBlockEdge(branch->getParent(), branch->getSuccessor(i))))
                    return true;
        }
    }
    return false;
}

// Whether a value has been found to lie below the limit since it was made, or on each of the ways on which it was.
bool is_seen_below(Value *value, Value *limit, BasicBlock *block, DominatorTree &dt) {
    if (is_seen_below(value, limit, [&](const BasicBlockEdge &edge) { return dt.dominates(edge, block); }))
        return true;
    auto *phi = dyn_cast<PHINode>(value);
    if (!phi)
        return false;
    for (unsigned i = 0; i < phi->getNumIncomingValues(); i++) {
        BasicBlock *from = phi->getIncomingBlock(i), *to = phi->getParent();
        auto leads_here = [&](const BasicBlockEdge &edge) {
            return (edge.getStart() == from && edge.getEnd() == to) || dt.dominates(edge, from);
        };
        if (!is_seen_below(phi->getIncomingValue(i), limit, leads_here))
            return false;
    }
    return true;
}

} // namespace

PreservedAnalyses SecondLooksPass::run(Function &function, FunctionAnalysisManager &analyses) {
    if (analyses.getResult<LoopAnalysis>(function).empty())
        return PreservedAnalyses::all();
    auto &dt = analyses.getResult<DominatorTreeAnalysis>(function);
    bool changed = false;
    for (BasicBlock &block : function)
        for (Instruction &instruction : block) {
            auto *compare = dyn_cast<ICmpInst>(&instruction);
            if (!compare || compare->use_empty() || !compare->getOperand(0)->getType()->isIntegerTy(64))
                continue;
            CmpInst::Predicate predicate = compare->getPredicate();
            Value *value = compare->getOperand(0), *limit = compare->getOperand(1);
            if ((predicate != CmpInst::ICMP_ULT && predicate != CmpInst::ICMP_UGE) || isa<Constant>(limit))
                continue;
            if (!is_never_negative(value) || !is_seen_below(value, limit, &block, dt))
                continue;
            compare->replaceAllUsesWith(ConstantInt::getBool(compare->getContext(), predicate == CmpInst::ICMP_ULT));
            changed = true;
        }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
