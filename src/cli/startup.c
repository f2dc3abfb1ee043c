// What runs before the constructors of LLVM's options do: some 2,000 of them write over the whole of .bss, one page
// fault a page. On a virtual machine a fault costs ten times what the page does, so all pages are asked for at once.
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

extern char __bss_start[], _end[]; // NOLINT(bugprone-reserved-identifier): the linker's names

static void bss_populate(int count, char **values, char **environment) {
    (void)count, (void)values, (void)environment;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)__bss_start & ~(page - 1);
    // A kernel before 5.14 refuses; then each page faults when it is touched.
    madvise((void *)first, (uintptr_t)_end - first, MADV_POPULATE_WRITE);
}

__attribute__((section(".preinit_array"), used)) static void (*const before_constructors)(int, char **,
                                                                                          char **) = bss_populate;
