// Takes checks out of inner loops. A loop that counts gets a second version without the checks that hold for its whole
// run: one test before the loop decides which version runs, so that nothing is lost when a check would fail, and the
// version without checks can be vectorised.
//
// How. For every value that a check looks at, the least and the greatest value it takes in the loop are computed
// before it, from what scalar evolution knows: what does not change, what goes up or down by a fixed step, and sums,
// products and quotients of these. The arithmetic is done in 128 bits, so that it cannot overflow where the program's
// own might; wherever the program's value could differ, the test says no. A check is dropped if these bounds show that
// it holds in each iteration that reaches it.
#include "optimize.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/PatternMatch.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <optional>

using namespace llvm;

namespace {

constexpr unsigned WIDE_BITS = 128;
constexpr unsigned MAX_LOOP_INSTRUCTIONS = 400;
constexpr unsigned MAX_TESTS = 48;
constexpr unsigned MAX_DEPTH = 8;
constexpr uint64_t WORTH_ITERATIONS = 8; // shorter runs are not worth the test

// The least and the greatest value, in wide arithmetic.
struct Interval {
    const SCEV *low, *high;
};

// A branch that leaves the loop to a panic.
struct Check {
    BranchInst *branch;
    bool panics_if_true;
};

class LoopChecks {
  public:
    LoopChecks(Loop &loop, ScalarEvolution &se, DominatorTree &dt, LoopInfo &li)
        : loop(loop), se(se), dt(dt), li(li), wide(Type::getIntNTy(se.getContext(), WIDE_BITS)) {}

    bool run();

  private:
    Loop &loop;
    ScalarEvolution &se;
    DominatorTree &dt;
    LoopInfo &li;
    Type *wide;
    BasicBlock *counting = nullptr; // leaves the loop when the count is reached
    const SCEV *count = nullptr;    // how often the loop goes back at most
    const SCEV *last = nullptr;     // number of the last iteration that reaches the check in work, wide
    SmallVector<std::pair<const SCEV *, const SCEV *>, 16> tests; // first <= second, signed and wide

    SmallVector<WithOverflowInst *, 8> exact; // never overflow in the version without checks

    bool find_count();
    bool is_search();
    SmallVector<Check, 8> find_checks();
    bool holds(const Check &check);
    bool is_true(Value *condition, bool wanted, unsigned depth);
    bool compare_holds(ICmpInst *compare, bool wanted);
    bool apart(Interval a, Interval b);
    bool never_overflows(WithOverflowInst *operation);
    std::optional<Interval> bounds(const SCEV *value, unsigned depth);
    std::optional<Interval> bounds_of_step(const SCEVAddRecExpr *value);
    std::optional<Interval> bounds_of_sum(const SCEVAddExpr *value, unsigned depth);
    std::optional<Interval> bounds_of_product(const SCEVMulExpr *value, unsigned depth);
    std::optional<Interval> bounds_of_quotient(const SCEVUDivExpr *value, unsigned depth);
    std::optional<Interval> bounds_of_counter(Value *value);
    Interval product(Interval a, Interval b);
    const SCEV *sum(const SCEV *a, const SCEV *b) {
        return se.getAddExpr(a, b);
    }
    const SCEV *number(int64_t value) {
        return se.getConstant(wide, static_cast<uint64_t>(value), true);
    }
    const SCEV *least(unsigned bits, bool is_signed);
    const SCEV *greatest(unsigned bits, bool is_signed);
    bool require(const SCEV *a, const SCEV *b); // a <= b
    bool require_fits(Interval value, unsigned bits, bool is_signed = true);
    Value *emit_tests(SCEVExpander &expander, Instruction *at);
    void make_versions(ArrayRef<Check> dropped);
    void make_plain();
    void join_exits(const SmallVectorImpl<BasicBlock *> &exits, ValueToValueMapTy &map);
};

// ---- what the loop looks like --------------------------------------------------------------------------------------

bool is_panic(const BasicBlock *block) {
    for (unsigned steps = 0; block && steps < 4; steps++) {
        if (isa<UnreachableInst>(block->getTerminator()))
            return true;
        auto *invoke = dyn_cast<InvokeInst>(block->getTerminator());
        block = invoke ? invoke->getNormalDest() : block->getSingleSuccessor();
    }
    return false;
}

bool LoopChecks::find_count() {
    SmallVector<BasicBlock *, 8> exiting;
    loop.getExitingBlocks(exiting);
    BasicBlock *latch = loop.getLoopLatch();
    for (BasicBlock *block : exiting) {
        auto *branch = dyn_cast<BranchInst>(block->getTerminator());
        if (!branch || !branch->isConditional() || !dt.dominates(block, latch))
            continue;
        BasicBlock *outside =
            loop.contains(branch->getSuccessor(0)) ? branch->getSuccessor(1) : branch->getSuccessor(0);
        if (is_panic(outside))
            continue;
        const SCEV *exits = se.getExitCount(&loop, block);
        if (isa<SCEVCouldNotCompute>(exits) || se.getTypeSizeInBits(exits->getType()) > 64)
            continue;
        counting = block;
        count = exits;
        return true;
    }
    return false;
}

// A loop that also leaves where it finds something is seldom run to its count, which is no measure of whether the tests
// pay; and it is not vectorised.
bool LoopChecks::is_search() {
    SmallVector<BasicBlock *, 8> exiting;
    loop.getExitingBlocks(exiting);
    for (BasicBlock *block : exiting)
        for (BasicBlock *next : successors(block))
            if (block != counting && !loop.contains(next) && !is_panic(next))
                return true;
    return false;
}

SmallVector<Check, 8> LoopChecks::find_checks() {
    SmallVector<Check, 8> checks;
    SmallVector<BasicBlock *, 8> exiting;
    loop.getExitingBlocks(exiting);
    for (BasicBlock *block : exiting) {
        auto *branch = dyn_cast<BranchInst>(block->getTerminator());
        if (!branch || !branch->isConditional())
            continue;
        bool first_leaves = !loop.contains(branch->getSuccessor(0));
        BasicBlock *outside = branch->getSuccessor(first_leaves ? 0 : 1);
        if (loop.contains(branch->getSuccessor(first_leaves ? 1 : 0)) && is_panic(outside))
            checks.push_back({branch, first_leaves});
    }
    return checks;
}

// ---- bounds --------------------------------------------------------------------------------------------------------

const SCEV *LoopChecks::least(unsigned bits, bool is_signed) {
    return is_signed ? se.getConstant(APInt::getSignedMinValue(bits).sext(WIDE_BITS)) : number(0);
}

const SCEV *LoopChecks::greatest(unsigned bits, bool is_signed) {
    return se.getConstant(is_signed ? APInt::getSignedMaxValue(bits).sext(WIDE_BITS)
                                    : APInt::getMaxValue(bits).zext(WIDE_BITS));
}

bool LoopChecks::require(const SCEV *a, const SCEV *b) {
    if (se.isKnownPredicate(ICmpInst::ICMP_SLE, a, b))
        return true;
    if (se.isKnownPredicate(ICmpInst::ICMP_SGT, a, b) || tests.size() >= MAX_TESTS)
        return false;
    for (auto &test : tests)
        if (test.first == a && test.second == b)
            return true;
    tests.push_back({a, b});
    return true;
}

bool LoopChecks::require_fits(Interval value, unsigned bits, bool is_signed) {
    return require(least(bits, is_signed), value.low) && require(value.high, greatest(bits, is_signed));
}

// What goes up or down by a step that does not change lies between its first and its last value. The last one is
// right if it fits: then no value between them wrapped either.
std::optional<Interval> LoopChecks::bounds_of_step(const SCEVAddRecExpr *value) {
    if (value->getLoop() != &loop || !value->isAffine())
        return std::nullopt;
    const SCEV *step = value->getStepRecurrence(se);
    const SCEV *start = se.getSignExtendExpr(value->getStart(), wide);
    const SCEV *end = sum(start, se.getMulExpr(se.getSignExtendExpr(step, wide), last));
    if (!require_fits({end, end}, se.getTypeSizeInBits(value->getType())))
        return std::nullopt;
    if (se.isKnownNonNegative(step))
        return Interval{start, end};
    if (se.isKnownNegative(step))
        return Interval{end, start};
    return Interval{se.getSMinExpr(start, end), se.getSMaxExpr(start, end)};
}

std::optional<Interval> LoopChecks::bounds_of_sum(const SCEVAddExpr *value, unsigned depth) {
    Interval total = {number(0), number(0)};
    for (const SCEV *part : value->operands()) {
        auto item = bounds(part, depth + 1);
        if (!item)
            return std::nullopt;
        total = {sum(total.low, item->low), sum(total.high, item->high)};
    }
    return total;
}

Interval LoopChecks::product(Interval a, Interval b) {
    if (se.isKnownNonNegative(a.low) && se.isKnownNonNegative(b.low))
        return {se.getMulExpr(a.low, b.low), se.getMulExpr(a.high, b.high)};
    SmallVector<const SCEV *, 4> corners = {se.getMulExpr(a.low, b.low), se.getMulExpr(a.low, b.high),
                                            se.getMulExpr(a.high, b.low), se.getMulExpr(a.high, b.high)};
    SmallVector<const SCEV *, 4> again = corners;
    return {se.getSMinExpr(corners), se.getSMaxExpr(again)};
}

// Each partial product must fit in the type, so that the next one fits in the wide one.
std::optional<Interval> LoopChecks::bounds_of_product(const SCEVMulExpr *value, unsigned depth) {
    std::optional<Interval> total;
    unsigned bits = se.getTypeSizeInBits(value->getType());
    for (const SCEV *part : value->operands()) {
        auto item = bounds(part, depth + 1);
        if (!item)
            return std::nullopt;
        total = total ? product(*total, *item) : *item;
        if (!require_fits(*total, bits))
            return std::nullopt;
    }
    return total;
}

std::optional<Interval> LoopChecks::bounds_of_quotient(const SCEVUDivExpr *value, unsigned depth) {
    auto divisor = dyn_cast<SCEVConstant>(value->getRHS());
    auto item = bounds(value->getLHS(), depth + 1);
    if (!divisor || !item || divisor->getAPInt().isNegative() || !require(number(0), item->low))
        return std::nullopt;
    const SCEV *by = se.getConstant(divisor->getAPInt().zext(WIDE_BITS));
    return Interval{number(0), se.getUDivExpr(item->high, by)};
}

// How far a value lies from a variable at the start of the iteration, if it is that plus constants on every way.
struct Distance {
    int64_t low, high;
};

constexpr int64_t MAX_DISTANCE = 1 << 20;

std::optional<Distance> distance(Value *value, PHINode *from, Loop &loop, unsigned depth);

std::optional<Distance> either(Value *a, Value *b, PHINode *from, Loop &loop, unsigned depth) {
    auto x = distance(a, from, loop, depth + 1), y = x ? distance(b, from, loop, depth + 1) : std::nullopt;
    if (!y)
        return std::nullopt;
    return Distance{std::min(x->low, y->low), std::max(x->high, y->high)};
}

std::optional<Distance> distance(Value *value, PHINode *from, Loop &loop, unsigned depth) {
    using namespace PatternMatch;
    Value *base;
    const APInt *amount;
    if (value == from)
        return Distance{0, 0};
    if (depth > MAX_DEPTH || !isa<Instruction>(value) || !loop.contains(cast<Instruction>(value)))
        return std::nullopt;
    if (auto *phi = dyn_cast<PHINode>(value)) {
        if (phi->getParent() == loop.getHeader() || phi->getNumIncomingValues() != 2)
            return std::nullopt;
        return either(phi->getIncomingValue(0), phi->getIncomingValue(1), from, loop, depth);
    }
    if (auto *choice = dyn_cast<SelectInst>(value))
        return either(choice->getTrueValue(), choice->getFalseValue(), from, loop, depth);
    bool adds =
        match(value, m_ExtractValue<0>(m_Intrinsic<Intrinsic::sadd_with_overflow>(m_Value(base), m_APInt(amount)))) ||
        match(value, m_NSWAdd(m_Value(base), m_APInt(amount)));
    bool subtracts =
        match(value, m_ExtractValue<0>(m_Intrinsic<Intrinsic::ssub_with_overflow>(m_Value(base), m_APInt(amount))));
    if ((!adds && !subtracts) || amount->abs().ugt(MAX_DISTANCE))
        return std::nullopt;
    auto before = distance(base, from, loop, depth + 1);
    if (!before)
        return std::nullopt;
    int64_t change = adds ? amount->getSExtValue() : -amount->getSExtValue();
    return Distance{before->low + change, before->high + change};
}

// A variable that is changed by constants, in some iterations more than in others: after n of them it lies between n
// times the least and n times the greatest change.
std::optional<Interval> LoopChecks::bounds_of_counter(Value *value) {
    for (PHINode &phi : loop.getHeader()->phis()) {
        if (phi.getType() != value->getType())
            continue;
        auto here = distance(value, &phi, loop, 0);
        auto round = here ? distance(phi.getIncomingValueForBlock(loop.getLoopLatch()), &phi, loop, 0) : std::nullopt;
        if (!round)
            continue;
        const SCEV *start = se.getSCEV(phi.getIncomingValueForBlock(loop.getLoopPreheader()));
        const SCEV *from = se.getSignExtendExpr(start, wide);
        const SCEV *low = sum(from, se.getMulExpr(number(std::min<int64_t>(round->low, 0)), last));
        const SCEV *high = sum(from, se.getMulExpr(number(std::max<int64_t>(round->high, 0)), last));
        return Interval{sum(low, number(here->low)), sum(high, number(here->high))};
    }
    return std::nullopt;
}

// The bounds of a value's signed reading.
std::optional<Interval> LoopChecks::bounds(const SCEV *value, unsigned depth) {
    if (depth > MAX_DEPTH || !value->getType()->isIntegerTy() || se.getTypeSizeInBits(value->getType()) > 64)
        return std::nullopt;
    unsigned bits = se.getTypeSizeInBits(value->getType());
    if (se.isLoopInvariant(value, &loop)) {
        const SCEV *same = se.getSignExtendExpr(value, wide);
        return Interval{same, same};
    }
    std::optional<Interval> result;
    if (auto *step = dyn_cast<SCEVAddRecExpr>(value)) {
        result = bounds_of_step(step);
    } else if (auto *add = dyn_cast<SCEVAddExpr>(value)) {
        result = bounds_of_sum(add, depth);
    } else if (auto *mul = dyn_cast<SCEVMulExpr>(value)) {
        result = bounds_of_product(mul, depth);
    } else if (auto *quotient = dyn_cast<SCEVUDivExpr>(value)) {
        result = bounds_of_quotient(quotient, depth);
    } else if (auto *longer = dyn_cast<SCEVSignExtendExpr>(value)) {
        return bounds(longer->getOperand(), depth + 1);
    } else if (auto *unsigned_longer = dyn_cast<SCEVZeroExtendExpr>(value)) {
        result = bounds(unsigned_longer->getOperand(), depth + 1);
        if (result && !require(number(0), result->low))
            result = std::nullopt;
    } else if (auto *shorter = dyn_cast<SCEVTruncateExpr>(value)) {
        result = bounds(shorter->getOperand(), depth + 1);
    } else if (auto *unknown = dyn_cast<SCEVUnknown>(value)) {
        result = bounds_of_counter(unknown->getValue());
    }
    if (result && require_fits(*result, bits))
        return result;
    ConstantRange range = se.getSignedRange(value);
    if (range.isFullSet() || range.isSignWrappedSet())
        return std::nullopt;
    return Interval{se.getConstant(range.getSignedMin().sext(WIDE_BITS)),
                    se.getConstant(range.getSignedMax().sext(WIDE_BITS))};
}

// ---- checks --------------------------------------------------------------------------------------------------------

bool LoopChecks::compare_holds(ICmpInst *compare, bool wanted) {
    if (!compare->getOperand(0)->getType()->isIntegerTy())
        return false;
    CmpInst::Predicate predicate = wanted ? compare->getPredicate() : compare->getInversePredicate();
    const SCEV *left = se.getSCEV(compare->getOperand(0)), *right = se.getSCEV(compare->getOperand(1));
    auto a = bounds(left, 0);
    auto b = a ? bounds(right, 0) : std::nullopt;
    if (!b)
        return false;
    const SCEV *one = number(1);
    switch (predicate) {
    case CmpInst::ICMP_ULT: return require(number(0), a->low) && require(sum(a->high, one), b->low);
    case CmpInst::ICMP_ULE: return require(number(0), a->low) && require(a->high, b->low);
    case CmpInst::ICMP_UGT: return require(number(0), b->low) && require(sum(b->high, one), a->low);
    case CmpInst::ICMP_UGE: return require(number(0), b->low) && require(b->high, a->low);
    case CmpInst::ICMP_SLT: return require(sum(a->high, one), b->low);
    case CmpInst::ICMP_SLE: return require(a->high, b->low);
    case CmpInst::ICMP_SGT: return require(sum(b->high, one), a->low);
    case CmpInst::ICMP_SGE: return require(b->high, a->low);
    case CmpInst::ICMP_NE: return apart(*a, *b);
    default: return false;
    }
}

// Whether no value of one is a value of the other: it lies below or above it. An addition of one that does not overflow
// is such a comparison, with the greatest number of its type, which nothing lies above.
bool LoopChecks::apart(Interval a, Interval b) {
    const SCEV *one = number(1);
    if (se.isKnownPredicate(ICmpInst::ICMP_SLE, a.low, b.high))
        return require(sum(a.high, one), b.low);
    if (se.isKnownPredicate(ICmpInst::ICMP_SLE, b.low, a.high))
        return require(sum(b.high, one), a.low);
    return require(one, se.getSMaxExpr(se.getMinusSCEV(a.low, b.high), se.getMinusSCEV(b.low, a.high)));
}

bool LoopChecks::never_overflows(WithOverflowInst *operation) {
    if (!operation->getLHS()->getType()->isIntegerTy())
        return false;
    unsigned bits = operation->getLHS()->getType()->getIntegerBitWidth();
    if (bits > 64)
        return false;
    auto a = bounds(se.getSCEV(operation->getLHS()), 0);
    auto b = a ? bounds(se.getSCEV(operation->getRHS()), 0) : std::nullopt;
    if (!b)
        return false;
    if (!operation->isSigned() && !(require(number(0), a->low) && require(number(0), b->low)))
        return false;
    Interval result;
    switch (operation->getBinaryOp()) {
    case Instruction::Add: result = {sum(a->low, b->low), sum(a->high, b->high)}; break;
    case Instruction::Sub: result = {se.getMinusSCEV(a->low, b->high), se.getMinusSCEV(a->high, b->low)}; break;
    case Instruction::Mul: result = product(*a, *b); break;
    default: return false;
    }
    return require_fits(result, bits, operation->isSigned());
}

// Whether the tests so far, and new ones, show that the condition is as wanted in each iteration.
bool LoopChecks::is_true(Value *condition, bool wanted, unsigned depth) {
    using namespace PatternMatch;
    Value *a, *b;
    if (depth > MAX_DEPTH)
        return false;
    if (match(condition, m_Not(m_Value(a))))
        return is_true(a, !wanted, depth + 1);
    if (wanted ? match(condition, m_LogicalAnd(m_Value(a), m_Value(b)))
               : match(condition, m_LogicalOr(m_Value(a), m_Value(b))))
        return is_true(a, wanted, depth + 1) && is_true(b, wanted, depth + 1);
    if (auto *compare = dyn_cast<ICmpInst>(condition))
        return compare_holds(compare, wanted);
    auto *part = dyn_cast<ExtractValueInst>(condition);
    if (wanted || !part || part->getNumIndices() != 1 || part->getIndices()[0] != 1)
        return false;
    auto *operation = dyn_cast<WithOverflowInst>(part->getAggregateOperand());
    if (!operation || !never_overflows(operation))
        return false;
    exact.push_back(operation);
    return true;
}

// A check behind the counting branch is not reached in the iteration in which that leaves.
bool LoopChecks::holds(const Check &check) {
    BasicBlock *block = check.branch->getParent();
    const SCEV *all = se.getZeroExtendExpr(count, wide);
    bool is_behind = block != counting && dt.dominates(counting, block);
    last = is_behind ? se.getMinusSCEV(all, number(1)) : all;
    size_t tests_before = tests.size(), exact_before = exact.size();
    if (is_true(check.branch->getCondition(), !check.panics_if_true, 0))
        return true;
    tests.truncate(tests_before);
    exact.truncate(exact_before);
    return false;
}

// ---- two versions --------------------------------------------------------------------------------------------------

Value *LoopChecks::emit_tests(SCEVExpander &expander, Instruction *at) {
    IRBuilder<> b(at);
    Value *all = nullptr;
    for (auto &test : tests) {
        Value *low = expander.expandCodeFor(test.first, wide, at);
        Value *high = expander.expandCodeFor(test.second, wide, at);
        b.SetInsertPoint(at);
        Value *fine = b.CreateICmpSLE(low, high);
        all = all ? b.CreateAnd(all, fine) : fine;
    }
    return all ? all : b.getTrue();
}

// Values that leave the loop do so through phis of its exits, which the other version reaches too.
void LoopChecks::join_exits(const SmallVectorImpl<BasicBlock *> &exits, ValueToValueMapTy &map) {
    for (BasicBlock *exit : exits)
        for (PHINode &phi : exit->phis()) {
            unsigned count_before = phi.getNumIncomingValues();
            for (unsigned i = 0; i < count_before; i++) {
                BasicBlock *from = phi.getIncomingBlock(i);
                if (!loop.contains(from))
                    continue;
                Value *value = phi.getIncomingValue(i);
                auto copy = map.find(value);
                phi.addIncoming(copy != map.end() ? static_cast<Value *>(copy->second) : value,
                                cast<BasicBlock>(map[from]));
            }
        }
}

// Arithmetic that cannot overflow becomes the plain operation, which can be vectorised.
void LoopChecks::make_plain() {
    for (WithOverflowInst *operation : exact) {
        IRBuilder<> b(operation);
        auto *plain = b.CreateBinOp(operation->getBinaryOp(), operation->getLHS(), operation->getRHS());
        if (auto *made = dyn_cast<BinaryOperator>(plain)) {
            made->setHasNoSignedWrap(operation->isSigned());
            made->setHasNoUnsignedWrap(!operation->isSigned());
        }
        for (User *user : SmallVector<User *, 4>(operation->users())) {
            auto *part = dyn_cast<ExtractValueInst>(user);
            if (!part)
                continue;
            part->replaceAllUsesWith(part->getIndices()[0] == 0 ? plain : b.getFalse());
            part->eraseFromParent();
        }
        if (operation->use_empty())
            operation->eraseFromParent();
    }
}

// before → (long enough?) → tests → the version without checks, else the one with them.
void LoopChecks::make_versions(ArrayRef<Check> dropped) {
    BasicBlock *before = loop.getLoopPreheader();
    SmallVector<BasicBlock *, 8> exits;
    loop.getUniqueExitBlocks(exits);
    BasicBlock *testing = SplitBlock(before, before->getTerminator(), &dt, &li, nullptr, "test");
    BasicBlock *preheader = SplitBlock(testing, testing->getTerminator(), &dt, &li, nullptr, "unchecked");
    ValueToValueMapTy map;
    SmallVector<BasicBlock *, 16> copies;
    // The copy keeps the checks; the original loses them.
    Loop *checked = cloneLoopWithPreheader(preheader, before, &loop, map, ".checked", &li, &dt, copies);
    remapInstructionsInBlocks(copies, map);
    join_exits(exits, map);

    SCEVExpander expander(se, "hoist");
    Instruction *end = before->getTerminator();
    IRBuilder<> b(end);
    Value *rounds = expander.expandCodeFor(count, count->getType(), end);
    b.SetInsertPoint(end);
    Value *is_long = b.CreateICmpUGE(rounds, ConstantInt::get(rounds->getType(), WORTH_ITERATIONS));
    b.CreateCondBr(is_long, testing, checked->getLoopPreheader());
    end->eraseFromParent();

    end = testing->getTerminator();
    Value *good = emit_tests(expander, end);
    b.SetInsertPoint(end);
    b.CreateCondBr(good, preheader, checked->getLoopPreheader());
    end->eraseFromParent();

    for (const Check &check : dropped)
        check.branch->setCondition(ConstantInt::getBool(check.branch->getContext(), !check.panics_if_true));
    dt.recalculate(*before->getParent());
    // Branches that cannot panic any more go, so that the loop has its one exit.
    for (const Check &check : dropped)
        ConstantFoldTerminator(check.branch->getParent(), true);
    make_plain();
    dt.recalculate(*before->getParent());
    formDedicatedExitBlocks(&loop, &dt, &li, nullptr, true);
    formDedicatedExitBlocks(checked, &dt, &li, nullptr, true);
    se.forgetLoop(&loop);
    se.forgetBlockAndLoopDispositions();
}

bool LoopChecks::run() {
    if (!loop.isLoopSimplifyForm() || !loop.isLCSSAForm(dt) || !find_count() || is_search())
        return false;
    size_t instructions = 0;
    for (BasicBlock *block : loop.blocks())
        instructions += block->size();
    unsigned rounds = se.getSmallConstantMaxTripCount(&loop);
    if (instructions > MAX_LOOP_INSTRUCTIONS || (rounds && rounds <= WORTH_ITERATIONS))
        return false;
    SmallVector<Check, 8> dropped;
    for (const Check &check : find_checks())
        if (holds(check))
            dropped.push_back(check);
    if (dropped.empty())
        return false;
    SCEVExpander expander(se, "hoist");
    if (!expander.isSafeToExpand(count))
        return false;
    for (auto &test : tests)
        if (!expander.isSafeToExpand(test.first) || !expander.isSafeToExpand(test.second))
            return false;
    make_versions(dropped);
    return true;
}

} // namespace

PreservedAnalyses HoistChecksPass::run(Function &function, FunctionAnalysisManager &analyses) {
    auto &li = analyses.getResult<LoopAnalysis>(function);
    if (li.empty())
        return PreservedAnalyses::all();
    auto &dt = analyses.getResult<DominatorTreeAnalysis>(function);
    auto &se = analyses.getResult<ScalarEvolutionAnalysis>(function);
    auto &cache = analyses.getResult<AssumptionAnalysis>(function);
    bool changed = false;
    for (Loop *loop : SmallVector<Loop *, 8>(li.begin(), li.end()))
        changed |= simplifyLoop(loop, &dt, &li, &se, &cache, nullptr, false);
    SmallVector<Loop *, 8> innermost;
    for (Loop *loop : li.getLoopsInPreorder()) {
        changed |= formLCSSA(*loop, dt, &li, &se);
        if (loop->isInnermost())
            innermost.push_back(loop);
    }
    for (Loop *loop : innermost)
        changed |= LoopChecks(*loop, se, dt, li).run();
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
