// LLVM's pipeline for release builds, with our passes in it.
#include "optimize.h"

#include "llvm-c/TargetMachine.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/AlwaysInliner.h"
#include "llvm/Transforms/IPO/GlobalDCE.h"
#include "llvm/Transforms/InstCombine/InstCombine.h"
#include "llvm/Transforms/Scalar/EarlyCSE.h"
#include "llvm/Transforms/Scalar/SimplifyCFG.h"

using namespace llvm;

// Optimises a module for speed. The target machine must be the one that emits it: without it nothing is vectorised, and
// functions of the runtime's bitcode are not inlined.
extern "C" void janus_optimize(LLVMModuleRef module, LLVMTargetMachineRef machine) {
    PipelineTuningOptions tuning;
    tuning.MergeFunctions = true;
    tuning.LoopVectorization = true;
    tuning.SLPVectorization = true;
    // The runtime of tasks begins before main; musl knows no other way for that.
    reinterpret_cast<TargetMachine *>(machine)->Options.UseInitArray = true;
    PassBuilder builder(reinterpret_cast<TargetMachine *>(machine), tuning);
    LoopAnalysisManager loops;
    FunctionAnalysisManager functions;
    CGSCCAnalysisManager cycles;
    ModuleAnalysisManager modules;
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(cycles);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, cycles, modules);
    // Before anything is simplified: what of the runtime nobody calls goes; and a function that is simplified on its
    // own first, and inlined then, hands its result over in ways that are harder to see through.
    builder.registerPipelineStartEPCallback([](ModulePassManager &module_passes, OptimizationLevel) {
        module_passes.addPass(GlobalDCEPass());
        module_passes.addPass(AlwaysInlinerPass());
        module_passes.addPass(UserLinesPass());
    });
    // Before small loops are unrolled, and after recursion is.
    builder.registerPeepholeEPCallback(
        [](FunctionPassManager &function_passes, OptimizationLevel) { function_passes.addPass(FewPollsPass()); });
    builder.registerScalarOptimizerLateEPCallback([](FunctionPassManager &function_passes, OptimizationLevel) {
        function_passes.addPass(SlowCountersPass());
        function_passes.addPass(SecondLooksPass());
    });
    builder.registerOptimizerEarlyEPCallback(
        [](ModulePassManager &module_passes, OptimizationLevel, ThinOrFullLTOPhase) {
            module_passes.addPass(UnrollRecursionPass());
            FunctionPassManager cleanup;
            cleanup.addPass(FewPollsPass());
            cleanup.addPass(InstCombinePass());
            cleanup.addPass(SimplifyCFGPass());
            cleanup.addPass(EarlyCSEPass());
            module_passes.addPass(createModuleToFunctionPassAdaptor(std::move(cleanup)));
        });
    builder.registerVectorizerStartEPCallback([](FunctionPassManager &function_passes, OptimizationLevel) {
        function_passes.addPass(HoistChecksPass());
        function_passes.addPass(StripPollsPass());
    });
    ModulePassManager passes = builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3);
    passes.run(*unwrap(module), modules);
}
