// LLVM's linker, called in this process.
#include "lld/Common/Driver.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

#include <csignal>
#include <cstring>
#include <string>

LLD_HAS_DRIVER(elf)

// LLVM handles signals from the first file that its linker writes, each signal once: a second one finds the default and
// ends the process before anything is removed. It registers itself only once, so that it does here, and what was set
// before takes its place again.
static void keep_signal_handlers() {
    static bool done = false;
    if (done)
        return;
    done = true;
    enum { SIGNALS = 32 };
    struct sigaction before[SIGNALS];
    sigset_t all, mask;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    for (int i = 1; i < SIGNALS; i++)
        sigaction(i, nullptr, &before[i]);
    llvm::sys::SetInterruptFunction(nullptr);
    for (int i = 1; i < SIGNALS; i++)
        sigaction(i, &before[i], nullptr);
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

// Runs ld.lld with these arguments (argv[0] is its name). What it says goes to `message`, cut to `size` bytes with the
// NUL. Returns its exit code.
extern "C" int janus_lld(int argc, const char *const *argv, char *message, size_t size) {
    keep_signal_handlers();
    std::string text;
    llvm::raw_string_ostream out(text);
    llvm::ArrayRef<const char *> args(argv, static_cast<size_t>(argc));
    lld::Result result = lld::lldMain(args, out, out, {{lld::Gnu, &lld::elf::link}});
    size_t count = text.size() < size - 1 ? text.size() : size - 1;
    std::memcpy(message, text.data(), count);
    message[count] = 0;
    return result.retCode;
}
