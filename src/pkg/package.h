// pkg: packages. Reads janus.kdl and the manifests it leads to, and makes new packages.
//
// Ideas. A package is a folder with a janus.kdl; its modules are the files below src. Dependencies are named, and found
// by their paths; each package is loaded once, however many others depend on it, and is known by its real path. What
// is wrong is reported in the manifest where it is written. Only what a manifest says is known here, nothing of the
// language.
#ifndef JANUS_PACKAGE_H
#define JANUS_PACKAGE_H

#include "diag/diag.h"

#define MANIFEST_NAME "janus.kdl"

// What a field of the manifest says. span.file is 0 if it is not given.
typedef struct {
    Text text;
    Span span;
} Field;

typedef struct {
    Field name;        // how the package is imported
    Field path;        // to its folder, from this package's
    Field requirement; // of its version; kept for the day when packages come from elsewhere too
    uint32_t package;  // in the graph
} Dependency;

typedef struct {
    Field area;           // "fs"
    const Field *details; // further words
    uint32_t detail_count;
} Capability;

typedef struct {
    const char *folder;   // as shown: "" or with a slash at its end
    const char *identity; // its real path
    FileId file;          // of the manifest
    Field name, version, license, description, profile;
    Field bin, main_file; // "hello", "src/main.jan"; as given, or what they are without being given
    Dependency *dependencies;
    uint32_t dependency_count;
    const Capability *capabilities;
    uint32_t capability_count;
    bool has_main, has_lib; // its main file and src/lib.jan are there
} Package;

typedef struct {
    Package *const *items; // [0]: the one that was asked for
    uint32_t count;
} PackageGraph;

// Reads the manifest in `folder` ("" or with a slash at its end) and those of everything it depends on. NULL after
// reports.
const PackageGraph *package_load(Diags *diags, Arena *arena, const char *folder);

// The folder of the package that `start` ("" or with a slash) is in: the nearest with a manifest, upwards. NULL: none.
const char *package_find(Arena *arena, const char *start);

// Why this cannot be the name of a package; NULL if it can.
const char *package_name_problem(Text name);

// Makes a package in the folder `path`, whose last part is its name. False after putting the reason into `why`.
bool package_create(Arena *arena, const char *path, bool library, Text *why);

// ---- version.c, license.c ------------------------------------------------------------------------------------------

typedef struct {
    uint64_t major, minor, patch;
    Text pre, build; // "rc.1" of "1.0.0-rc.1+x", "x"
} Version;

// Semantic versioning 2.0. False with the reason, and *bad the part that is wrong.
bool version_parse(Text text, Version *version, const char **why, Text *bad);
// One or more conditions with commas between them, each an operator `^ ~ = >= > <= <` or none, and a version that may
// be cut short: ">=1.2, <2".
bool version_check_requirement(Text text, const char **why, Text *bad);

// An SPDX license expression: "MIT", "Apache-2.0 OR MIT", "GPL-2.0-only WITH Classpath-exception-2.0". False with the
// reason if it is none. *unknown is the first identifier that is not in the SPDX list, if any.
bool license_check(Text text, const char **why, Text *bad, Text *unknown);
const char *license_nearest(Text identifier); // NULL if none is near

#endif
