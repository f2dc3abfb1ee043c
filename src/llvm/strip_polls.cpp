// Takes polls out of inner loops that count: such a loop becomes the inner one of two, which runs for at most a
// thousand rounds and can be vectorised, and the outer one polls. Before that, polls go that are not needed: in loops
// that are short whatever happens, and after another one that runs as often.
//
//     before → header … latch → after        header … latch: each round looks at jn_attention
//     before → chunk → header … latch → rest → after, or → poll → again → chunk
//
// A poll may leave, and what it leaves behind is what the rounds before it did: so nothing that has an effect may stand
// between the place of the poll and the end of the round.
#include "optimize.h"
#include "poll.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Local.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace {

constexpr uint64_t CHUNK_ROUNDS = 1024;
constexpr uint64_t SHORT_ROUNDS = 4096; // all loops of a nest together

void remove(const Poll &poll) {
    take_out(poll)->deleteValue();
    DeleteDeadBlock(poll.attend);
}

// ---- polls that are not needed -------------------------------------------------------------------------------------

// How often the loop and those in it go round at most, 0 if that is not known or something is called that may take
// long.
uint64_t most_rounds(Loop &loop, ScalarEvolution &se) {
    uint64_t most = se.getSmallConstantMaxTripCount(&loop), inner = 1;
    if (most == 0 || most > SHORT_ROUNDS)
        return 0;
    for (Loop *part : loop) {
        uint64_t rounds = most_rounds(*part, se);
        if (rounds == 0 || rounds > SHORT_ROUNDS)
            return 0;
        inner += rounds;
    }
    for (BasicBlock *block : loop.blocks()) {
        BasicBlock *before = block->getSinglePredecessor();
        Poll poll;
        if (before && is_poll(before, poll) && poll.attend == block)
            continue;
        for (Instruction &it : *block)
            if (isa<CallBase>(it) && !isa<IntrinsicInst>(it))
                return 0;
    }
    return most * inner;
}

// Outside of that there is one that runs as often before it.
bool is_repeated(const Poll &poll, ArrayRef<Poll> all, LoopInfo &li, DominatorTree &dt) {
    for (const Poll &other : all)
        if (other.branch != poll.branch && dt.dominates(other.branch->getParent(), poll.branch->getParent()) &&
            li.getLoopFor(other.branch->getParent()) == li.getLoopFor(poll.branch->getParent()))
            return true;
    return false;
}

bool is_short(BasicBlock *block, LoopInfo &li, ScalarEvolution &se) {
    Loop *loop = li.getLoopFor(block);
    uint64_t rounds = loop ? most_rounds(*loop, se) : 0;
    return rounds != 0 && rounds <= SHORT_ROUNDS;
}

// ---- loops that count ----------------------------------------------------------------------------------------------

class Strip {
  public:
    Strip(Loop &loop, ScalarEvolution &se, DominatorTree &dt) : loop(loop), se(se), dt(dt) {}
    bool run(); // false: nothing was changed

  private:
    Loop &loop;
    ScalarEvolution &se;
    DominatorTree &dt;
    Poll poll = {};
    DenseMap<Value *, PHINode *> left_over; // values of the inner loop, as phis where it ends

    bool find_poll();
    bool is_apart() const;
    bool is_quiet_after() const;
    Value *kept(Value *value, BasicBlock *rest);
    void split(BranchInst *back, const SCEV *count);
};

// Exactly one, which each round meets.
bool Strip::find_poll() {
    for (BasicBlock *block : loop.blocks()) {
        Poll found;
        if (!is_poll(block, found))
            continue;
        if (poll.branch)
            return false;
        poll = found;
    }
    return poll.branch && dt.dominates(poll.branch->getParent(), loop.getLoopLatch()) && is_apart();
}

// The block that attends can be moved: nothing of the loop is used in it, nothing of it in the loop.
bool Strip::is_apart() const {
    BasicBlock *attend = poll.attend;
    if (!loop.contains(attend) || !loop.contains(poll.next) || attend == loop.getLoopLatch() ||
        attend->getSinglePredecessor() != poll.branch->getParent() || !poll.next->phis().empty())
        return false;
    for (BasicBlock *to : successors(attend))
        if (to != poll.next && loop.contains(to))
            return false;
    for (Instruction &it : *attend) {
        for (Value *operand : it.operands())
            if (auto *from = dyn_cast<Instruction>(operand); from && from->getParent() != attend && loop.contains(from))
                return false;
        for (User *user : it.users())
            if (cast<Instruction>(user)->getParent() != attend)
                return false;
    }
    return true;
}

bool Strip::is_quiet_after() const {
    SmallPtrSet<BasicBlock *, 8> seen = {poll.next};
    SmallVector<BasicBlock *, 8> work = {poll.next};
    while (!work.empty()) {
        BasicBlock *block = work.pop_back_val();
        for (Instruction &it : *block)
            if (it.mayHaveSideEffects())
                return false;
        for (BasicBlock *to : successors(block))
            if (to != loop.getHeader() && loop.contains(to) && seen.insert(to).second)
                work.push_back(to);
    }
    return true;
}

Value *Strip::kept(Value *value, BasicBlock *rest) {
    auto *from = dyn_cast<Instruction>(value);
    if (!from || !loop.contains(from))
        return value;
    PHINode *&phi = left_over[value];
    if (!phi) {
        phi = PHINode::Create(value->getType(), 1, value->getName() + ".kept", rest->begin());
        phi->addIncoming(value, loop.getLoopLatch());
    }
    return phi;
}

// `count`: how often the loop goes back, if nothing else ends it.
void Strip::split(BranchInst *back, const SCEV *count) {
    BasicBlock *before = loop.getLoopPreheader(), *header = loop.getHeader(), *latch = loop.getLoopLatch();
    BasicBlock *after = back->getSuccessor(back->getSuccessor(0) == header ? 1 : 0);
    Function *function = header->getParent();
    LLVMContext &context = function->getContext();
    Type *i64 = Type::getInt64Ty(context);
    auto *chunk = BasicBlock::Create(context, "chunk", function, header);
    auto *rest = BasicBlock::Create(context, "rest", function, after);
    auto *polls = BasicBlock::Create(context, "polls", function, after);
    auto *again = BasicBlock::Create(context, "again", function, after);
    SCEVExpander expander(se, "strip");
    Value *total = expander.expandCodeFor(count, count->getType(), before->getTerminator());
    total = IRBuilder<>(before->getTerminator()).CreateZExt(total, i64);
    LoadInst *look = take_out(poll);

    // chunk: the variables of the loop, and how often it still goes back.
    before->getTerminator()->replaceSuccessorWith(header, chunk);
    IRBuilder<> b(chunk);
    PHINode *left = b.CreatePHI(i64, 2, "left");
    left->addIncoming(total, before);
    for (PHINode &phi : header->phis()) {
        PHINode *outer = b.CreatePHI(phi.getType(), 2, phi.getName());
        int index = phi.getBasicBlockIndex(before);
        outer->addIncoming(phi.getIncomingValue(index), before);
        outer->addIncoming(kept(phi.getIncomingValueForBlock(latch), rest), again);
        phi.setIncomingBlock(index, chunk);
        phi.setIncomingValue(index, outer);
    }
    Value *rounds = b.CreateBinaryIntrinsic(Intrinsic::umin, left, ConstantInt::get(i64, CHUNK_ROUNDS - 1));
    b.CreateBr(header);

    // header … latch: so many rounds.
    b.SetInsertPoint(header, header->begin());
    PHINode *round = b.CreatePHI(i64, 2, "round");
    b.SetInsertPoint(back);
    round->addIncoming(ConstantInt::get(i64, 0), chunk);
    round->addIncoming(b.CreateNUWAdd(round, ConstantInt::get(i64, 1)), latch);
    auto *goes_on = b.CreateCondBr(b.CreateICmpULT(round, rounds), header, rest);
    goes_on->setMetadata(LLVMContext::MD_loop, back->getMetadata(LLVMContext::MD_loop));
    Value *condition = back->getCondition();
    back->eraseFromParent();
    RecursivelyDeleteTriviallyDeadInstructions(condition);

    // rest: after all of them, or polls and goes on.
    for (PHINode &phi : after->phis()) {
        int index = phi.getBasicBlockIndex(latch);
        phi.setIncomingValue(index, kept(phi.getIncomingValue(index), rest));
        phi.setIncomingBlock(index, rest);
    }
    b.SetInsertPoint(rest);
    b.CreateCondBr(b.CreateICmpEQ(left, rounds), after, polls);
    put_in(look, polls, poll.attend, again);
    b.SetInsertPoint(again);
    Value *more = b.CreateSub(b.CreateSub(left, rounds), ConstantInt::get(i64, 1));
    left->addIncoming(more, again);
    b.CreateBr(chunk);
    poll.attend->getTerminator()->replaceSuccessorWith(poll.next, again);
    for (BasicBlock *to : successors(poll.attend))
        for (PHINode &phi : to->phis())
            if (int index = phi.getBasicBlockIndex(poll.attend); index >= 0)
                phi.setIncomingValue(index, kept(phi.getIncomingValue(index), rest));
    poll.attend->moveBefore(again);
}

bool Strip::run() {
    if (!loop.isLoopSimplifyForm() || !loop.isLCSSAForm(dt) || !find_poll())
        return false;
    auto *back = dyn_cast<BranchInst>(loop.getLoopLatch()->getTerminator());
    if (!back || !back->isConditional() || !is_quiet_after())
        return false;
    const SCEV *count = se.getExitCount(&loop, loop.getLoopLatch());
    if (isa<SCEVCouldNotCompute>(count) || se.getTypeSizeInBits(count->getType()) > 64 ||
        !SCEVExpander(se, "strip").isSafeToExpand(count))
        return false;
    split(back, count);
    return true;
}

// The next inner loop that was not tried.
Loop *next_loop(LoopInfo &li, SmallPtrSetImpl<BasicBlock *> &tried) {
    for (Loop *loop : li.getLoopsInPreorder())
        if (loop->isInnermost() && tried.insert(loop->getHeader()).second)
            return loop;
    return nullptr;
}

} // namespace

PreservedAnalyses FewPollsPass::run(Function &function, FunctionAnalysisManager &analyses) {
    SmallVector<Poll, 16> all, needless;
    for (BasicBlock &block : function)
        if (Poll poll; is_poll(&block, poll))
            all.push_back(poll);
    if (all.empty())
        return PreservedAnalyses::all();
    auto &li = analyses.getResult<LoopAnalysis>(function);
    auto &dt = analyses.getResult<DominatorTreeAnalysis>(function);
    auto &se = analyses.getResult<ScalarEvolutionAnalysis>(function);
    for (const Poll &poll : all)
        if (is_short(poll.branch->getParent(), li, se) || is_repeated(poll, all, li, dt))
            needless.push_back(poll);
    for (const Poll &poll : needless)
        remove(poll);
    bool sunk = sink_first_poll(function);
    return needless.empty() && !sunk ? PreservedAnalyses::all() : PreservedAnalyses::none();
}

PreservedAnalyses StripPollsPass::run(Function &function, FunctionAnalysisManager &analyses) {
    if (!function.getParent()->getNamedGlobal("jn_attention"))
        return PreservedAnalyses::all();
    SmallPtrSet<BasicBlock *, 16> tried;
    bool changed = false;
    for (;;) {
        auto &li = analyses.getResult<LoopAnalysis>(function);
        auto &dt = analyses.getResult<DominatorTreeAnalysis>(function);
        auto &se = analyses.getResult<ScalarEvolutionAnalysis>(function);
        auto &cache = analyses.getResult<AssumptionAnalysis>(function);
        Loop *loop = next_loop(li, tried);
        if (!loop)
            return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
        changed |= simplifyLoop(loop, &dt, &li, &se, &cache, nullptr, false);
        changed |= formLCSSA(*loop, dt, &li, &se);
        if (!Strip(*loop, se, dt).run())
            continue;
        changed = true;
        analyses.invalidate(function, PreservedAnalyses::none());
    }
}
