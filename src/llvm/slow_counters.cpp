// 64-bit counters that cannot overflow because nobody waits that long.
//
// A variable that starts at a number of at most 2^61 and is only ever changed by constants of at most 8 needs more than
// 2^58 steps to overflow. Where each step is an iteration that really happens, at four thousand million iterations a
// second, that is two years. An iteration really happens if nothing can tell beforehand how many there will be; loops
// that count keep their checks here, for LLVM could replace them by a formula (hoist_checks.cpp looks after those).
#include "optimize.h"

#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/ConstantRange.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"

using namespace llvm;

bool add_choices(Value *value, SmallVectorImpl<Value *> &work) {
    if (auto *phi = dyn_cast<PHINode>(value)) {
        work.append(phi->value_op_begin(), phi->value_op_end());
        return true;
    }
    auto *choice = dyn_cast<SelectInst>(value);
    if (!choice)
        return false;
    work.push_back(choice->getTrueValue());
    work.push_back(choice->getFalseValue());
    return true;
}

namespace {

constexpr uint64_t MAX_CHANGE = 8;
constexpr unsigned MAX_START_BITS = 61;
constexpr unsigned MAX_VALUES = 200;

class Counters {
  public:
    Counters(Function &function, LoopInfo &li, ScalarEvolution &se) : function(function), li(li), se(se) {}
    bool run();

  private:
    Function &function;
    LoopInfo &li;
    ScalarEvolution &se;
    SmallPtrSet<Value *, 32> good; // values known to belong to such counters

    bool is_slow(const Instruction *at);
    bool is_small(Value *value);
    bool add_sources(Value *value, SmallVectorImpl<Value *> &work);
    bool is_counter(Value *value);
    void make_plain(WithOverflowInst *operation);
};

// Whether nobody can tell how often this loop goes round. Code outside of loops runs once for each run of the function.
bool Counters::is_slow(const Instruction *at) {
    Loop *loop = li.getLoopFor(at->getParent());
    if (!loop)
        return true;
    return isa<SCEVCouldNotCompute>(se.getBackedgeTakenCount(loop));
}

bool Counters::is_small(Value *value) {
    ConstantRange range = computeConstantRange(value, true);
    return range.getSignedMax().getSignificantBits() <= MAX_START_BITS &&
           range.getSignedMin().getSignificantBits() <= MAX_START_BITS;
}

WithOverflowInst *small_change(Value *value) {
    auto *part = dyn_cast<ExtractValueInst>(value);
    if (!part || part->getNumIndices() != 1 || part->getIndices()[0] != 0)
        return nullptr;
    auto *operation = dyn_cast<WithOverflowInst>(part->getAggregateOperand());
    if (!operation || !operation->isSigned() || operation->getBinaryOp() == Instruction::Mul)
        return nullptr;
    auto *amount = dyn_cast<ConstantInt>(operation->getRHS());
    return amount && amount->getValue().abs().ule(MAX_CHANGE) ? operation : nullptr;
}

// A constant, or a bit that became a number.
bool is_small_change(Value *value) {
    using namespace PatternMatch;
    const APInt *amount;
    return match(value, m_APInt(amount))
               ? amount->abs().ule(MAX_CHANGE)
               : match(value, m_ZExt(m_Value())) && cast<ZExtInst>(value)->getSrcTy()->isIntegerTy(1);
}

bool Counters::add_sources(Value *value, SmallVectorImpl<Value *> &work) {
    using namespace PatternMatch;
    Value *base, *amount;
    if (add_choices(value, work))
        return true;
    if (WithOverflowInst *operation = small_change(value)) {
        work.push_back(operation->getLHS());
        return is_slow(operation);
    }
    if (match(value, m_c_Add(m_Value(base), m_Value(amount))) && is_small_change(amount)) {
        work.push_back(base);
        return cast<Instruction>(value)->hasNoSignedWrap() && is_slow(cast<Instruction>(value));
    }
    return false;
}

// Whether a value comes from small numbers by small changes only.
bool Counters::is_counter(Value *value) {
    SmallPtrSet<Value *, 32> seen;
    SmallVector<Value *, 16> work = {value};
    while (!work.empty()) {
        Value *next = work.pop_back_val();
        if (good.contains(next) || !seen.insert(next).second || is_small(next))
            continue;
        if (seen.size() > MAX_VALUES || !add_sources(next, work))
            return false;
    }
    good.insert(seen.begin(), seen.end());
    return true;
}

void Counters::make_plain(WithOverflowInst *operation) {
    IRBuilder<> b(operation);
    bool adds = operation->getBinaryOp() == Instruction::Add;
    Value *plain = adds ? b.CreateNSWAdd(operation->getLHS(), operation->getRHS())
                        : b.CreateNSWSub(operation->getLHS(), operation->getRHS());
    for (User *user : SmallVector<User *, 4>(operation->users())) {
        auto *part = dyn_cast<ExtractValueInst>(user);
        if (!part)
            continue;
        bool is_value = part->getIndices()[0] == 0;
        if (is_value && good.erase(part))
            good.insert(plain);
        part->replaceAllUsesWith(is_value ? plain : b.getFalse());
        part->eraseFromParent();
    }
    if (operation->use_empty())
        operation->eraseFromParent();
}

bool Counters::run() {
    SmallVector<WithOverflowInst *, 16> found;
    for (BasicBlock &block : function)
        for (Instruction &instruction : block)
            if (auto *part = dyn_cast<ExtractValueInst>(&instruction))
                if (WithOverflowInst *operation = small_change(part))
                    if (operation->getLHS()->getType()->isIntegerTy(64) && li.getLoopFor(operation->getParent()) &&
                        is_slow(operation) && is_counter(operation->getLHS()))
                        found.push_back(operation);
    SmallPtrSet<WithOverflowInst *, 16> done;
    for (WithOverflowInst *operation : found)
        if (done.insert(operation).second)
            make_plain(operation);
    return !found.empty();
}

} // namespace

PreservedAnalyses SlowCountersPass::run(Function &function, FunctionAnalysisManager &analyses) {
    auto &li = analyses.getResult<LoopAnalysis>(function);
    if (li.empty())
        return PreservedAnalyses::all();
    auto &se = analyses.getResult<ScalarEvolutionAnalysis>(function);
    return Counters(function, li, se).run() ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
