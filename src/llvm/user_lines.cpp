// Where a task waits is said by the program's line, not by that of std's function which was inlined there: a location
// that is handed to the runtime of tasks, and stands in std, becomes that of the call which was inlined.
#include "optimize.h"

#include "llvm-c/Core.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

bool is_std(StringRef file) {
    return file.starts_with("std/");
}

// The first place outside of std, from the inside out; null: there is none, or it stands there already.
const DILocation *user_place(const Instruction &at) {
    const DILocation *place = at.getDebugLoc();
    if (!place || !is_std(place->getFilename()))
        return nullptr;
    while (place && is_std(place->getFilename()))
        place = place->getInlinedAt();
    return place && place->getLine() != 0 ? place : nullptr;
}

// A location (JnLocation) is a private constant: file, line, column.
GlobalVariable *as_location(Value *value) {
    auto *global = dyn_cast<GlobalVariable>(value);
    if (!global || !global->hasInitializer() || !global->isConstant())
        return nullptr;
    auto *parts = dyn_cast<ConstantStruct>(global->getInitializer());
    if (!parts || parts->getNumOperands() != 3 || !parts->getOperand(0)->getType()->isPointerTy() ||
        !parts->getOperand(1)->getType()->isIntegerTy(32) || !parts->getOperand(2)->getType()->isIntegerTy(32))
        return nullptr;
    return global;
}

struct Locations {
    Module &module;
    StringMap<GlobalVariable *> files;
    StringMap<GlobalVariable *> known; // by file and line

    GlobalVariable *constant(Constant *value) {
        auto *global = new GlobalVariable(module, value->getType(), true, GlobalValue::PrivateLinkage, value);
        global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
        return global;
    }

    GlobalVariable *make(GlobalVariable *like, StringRef file, unsigned line) {
        GlobalVariable *&made = known[(file + ":" + Twine(line)).str()];
        if (made)
            return made;
        GlobalVariable *&text = files[file];
        if (!text)
            text = constant(ConstantDataArray::getString(module.getContext(), file));
        auto *type = cast<StructType>(like->getValueType());
        made = constant(ConstantStruct::get(type, {text, ConstantInt::get(type->getElementType(1), line),
                                                   ConstantInt::get(type->getElementType(2), 0)}));
        return made;
    }
};

bool is_of_tasks(const CallBase &call) {
    const Function *callee = call.getCalledFunction();
    return callee && callee->getName().starts_with("jn_") && !callee->getName().starts_with("jn_panic");
}

void name_user_lines(Module &module) {
    Locations locations{module, {}, {}};
    for (Function &function : module) {
        for (Instruction &instruction : instructions(function)) {
            auto *call = dyn_cast<CallBase>(&instruction);
            const DILocation *place = call && is_of_tasks(*call) ? user_place(instruction) : nullptr;
            if (!place)
                continue;
            for (Use &argument : call->args())
                if (GlobalVariable *location = as_location(argument))
                    argument.set(locations.make(location, place->getFilename(), place->getLine()));
        }
    }
}

} // namespace

extern "C" void janus_user_lines(LLVMModuleRef module) {
    name_user_lines(*unwrap(module));
}

PreservedAnalyses UserLinesPass::run(Module &module, ModuleAnalysisManager &) {
    name_user_lines(module);
    return PreservedAnalyses::all();
}
