// The services of the runtime, with system calls that can be made to fail, and with an eye on what stays open: linked
// instead of rt/services.c by --check-memory.
#include "faults.h"

#include "../services.c"
