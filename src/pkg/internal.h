// Private to packages: reading one manifest.
#ifndef JANUS_PKG_INTERNAL_H
#define JANUS_PKG_INTERNAL_H

#include "pkg/package.h"

// Reads the manifest of package->folder into the package; `from` is where a dependency asks for it, or nothing. False
// after a report: then nothing more is known of the package.
bool manifest_read(Diags *diags, Arena *arena, Package *package, Span from);

#endif
