// The one C++ file: LLVM's linker, called in this process.
#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>
#include <string>

LLD_HAS_DRIVER(elf)

// Runs ld.lld with these arguments (argv[0] is its name). What it says goes to `message`, cut to `size` bytes with the
// NUL. Returns its exit code.
extern "C" int janus_lld(int argc, const char *const *argv, char *message, size_t size) {
    std::string text;
    llvm::raw_string_ostream out(text);
    llvm::ArrayRef<const char *> args(argv, static_cast<size_t>(argc));
    lld::Result result = lld::lldMain(args, out, out, {{lld::Gnu, &lld::elf::link}});
    size_t count = text.size() < size - 1 ? text.size() : size - 1;
    std::memcpy(message, text.data(), count);
    message[count] = 0;
    return result.retCode;
}
