# Reads the table of docs/ARCHITECTURE.md, then every source file, and names includes that the table does not allow.
#   awk -f tools/layers.awk docs/ARCHITECTURE.md FILES...
# What judges ownership a second time must not see how it is decided: of src/ir it includes jir.h alone.
# "X and below" is X and what X may include; "everything above" is every folder named in the rows above.

function trim(s) {
    gsub(/^[ `]+|[ `]+$/, "", s)
    return s
}

function allow(folder, other) { allowed[folder, other] = 1 }

function allow_with_below(folder, other,    i) {
    allow(folder, other)
    for (i = 1; i <= folders; i++)
        if ((other, order[i]) in allowed)
            allow(folder, order[i])
}

function read_row(    folder, words, count, i, word) {
    split($0, cells, "|")
    folder = trim(cells[2])
    if (folder !~ /^src\//)
        return
    sub(/^src\//, "", folder)
    allow(folder, folder)
    count = split(cells[5], words, ",")
    for (i = 1; i <= count; i++) {
        word = trim(words[i])
        if (word == "everything above") {
            for (j = 1; j <= folders; j++)
                allow(folder, order[j])
        } else if (sub(/ and below$/, "", word)) {
            allow_with_below(folder, word)
        } else if (word != "libc") {
            allow(folder, word)
        }
    }
    order[++folders] = folder
    known[folder] = 1
}

FNR == 1 { file_count++ }
file_count == 1 { if ($0 ~ /^\|/) read_row(); next }

/^#include "/ {
    split(FILENAME, parts, "/")
    folder = parts[2]
    split($2, quoted, "\"")
    split(quoted[2], target, "/")
    if (folder == "calculus" && target[1] == "ir" && target[2] != "jir.h") {
        printf "%s:%d: src/calculus must not include %s\n", FILENAME, FNR, quoted[2]
        bad = 1
    }
    if (target[1] in known && !((folder, target[1]) in allowed)) {
        printf "%s:%d: src/%s must not include %s\n", FILENAME, FNR, folder, quoted[2]
        bad = 1
    }
}
FNR == 1001 && FILENAME !~ /\.def$/ {
    printf "%s: longer than 1,000 lines\n", FILENAME
    bad = 1
}
END { exit bad }
