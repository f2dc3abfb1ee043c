#include "cli/cli.h"

static const Command commands[] = {
    {
        .name = "new",
        .usage = "[--lib] NAME",
        .summary = "make a package in a new folder",
        .example = "  janus new word_count     a program: word_count/janus.kdl, src/main.jan with a test, …\n"
                   "  janus new --lib shapes   a library: src/lib.jan\n",
        .options = OPTION_LIBRARY | OPTION_HELP,
        .operand = OPERAND_NEEDED,
        .operand_name = "NAME",
        .run = command_new,
    },
    {
        .name = "build",
        .usage = "[options] [FILE]",
        .summary = "compile a program to a static executable",
        .example = "  janus build                           writes build/NAME of the package we are in\n"
                   "  janus build hello.jan                 writes ./hello\n"
                   "  janus build --release -o app main.jan writes ./app, optimised\n"
                   "  janus build --emit llvm hello.jan     prints what is handed to LLVM\n",
        .options = OPTIONS_OF_COMPILING | OPTION_RELEASE | OPTION_CHECK_MEMORY | OPTION_OUTPUT | OPTION_EMIT |
                   OPTION_LINKER | OPTION_TARGET,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "FILE",
        .run = command_build,
    },
    {
        .name = "run",
        .usage = "[options] [FILE] [-- arguments]",
        .summary = "compile a program and run it",
        .example = "  janus run                                    runs the package we are in\n"
                   "  janus run hello.jan\n"
                   "  janus run --release count.jan -- words.txt   passes words.txt to the program\n"
                   "  janus run --interp hello.jan                 interprets it, checking ownership\n",
        .options = OPTIONS_OF_COMPILING | OPTION_RELEASE | OPTION_CHECK_MEMORY | OPTION_INTERP | OPTION_NO_OWNERSHIP |
                   OPTION_LINKER,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "FILE",
        .takes_program_args = true,
        .run = command_run,
    },
    {
        .name = "check",
        .usage = "[options] [FILE]",
        .summary = "find the errors of a program without compiling it",
        .example = "  janus check                           every module of the package we are in\n"
                   "  janus check main.jan\n"
                   "  janus check --format json main.jan    reports as one line of JSON\n"
                   "  janus check --deny warnings main.jan  warnings fail too\n"
                   "  janus check --explain-captures main.jan  how its tasks capture variables, and why\n",
        .options = OPTIONS_OF_COMPILING | OPTION_EXPLAIN_CAPTURES | OPTION_ALL,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "FILE",
        .run = command_check,
    },
    {
        .name = "test",
        .usage = "[options] [FILE]",
        .summary = "run the test blocks of a program",
        .example = "  janus test                            the tests of every module of the package we are in\n"
                   "  janus test shapes.jan\n"
                   "  janus test --filter area shapes.jan   only tests with `area` in their names\n"
                   "  janus test --interp shapes.jan        interprets them, checking ownership\n"
                   "  janus test --seed 7 bank.jan          runs the tasks in the order of seed 7\n"
                   "  janus test --schedules 1000 bank.jan  tries a thousand orders of the tasks of each test\n",
        .options = (OPTIONS_OF_COMPILING & ~OPTION_FORMAT) | OPTION_RELEASE | OPTION_CHECK_MEMORY | OPTION_INTERP |
                   OPTION_FILTER | OPTION_LINKER | OPTIONS_OF_TESTING | OPTION_FORMAT_TESTS,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "FILE",
        .run = command_test,
    },
    {
        .name = "fmt",
        .usage = "[options] [FILE|FOLDER ...]",
        .summary = "lay out source files in the one style",
        .example = "  janus fmt                     formats all .jan files of this folder\n"
                   "  janus fmt main.jan lib        formats a file and a folder\n"
                   "  janus fmt --check src         lists what is not formatted, for scripts\n"
                   "  janus fmt --diff main.jan     shows what would change\n"
                   "  janus fmt - < main.jan        prints the formatted text\n",
        .options = OPTION_CHECK | OPTION_DIFF | OPTION_FORMAT | OPTION_COLOR | OPTION_HELP,
        .operand = OPERAND_MANY,
        .operand_name = "FILE",
        .run = command_fmt,
    },
    {
        .name = "inspect",
        .usage = "[options] PID",
        .summary = "ask a running program what its tasks do",
        .example = "  janus inspect 4711                 the tree of its nurseries and tasks; the program goes on\n"
                   "  janus inspect --format json 4711   the same for another program\n"
                   "  kill -QUIT 4711                    makes it write the same to its standard error\n",
        .options = OPTION_FORMAT | OPTION_HELP,
        .operand = OPERAND_NEEDED,
        .operand_name = "PID",
        .run = command_inspect,
    },
    {
        .name = "explain",
        .usage = "[CODE]",
        .summary = "explain an error or warning, with examples",
        .example = "  janus explain E0001\n"
                   "  janus explain           lists all codes\n",
        .options = OPTION_HELP,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "CODE",
        .run = command_explain,
    },
    {
        .name = "version",
        .usage = "",
        .summary = "print the version of janus",
        .example = "  janus version\n",
        .options = OPTION_HELP,
        .run = command_version,
    },
    {
        .name = "help",
        .usage = "[COMMAND]",
        .summary = "print help on a command",
        .example = "  janus help build\n",
        .options = OPTION_HELP,
        .operand = OPERAND_OPTIONAL,
        .operand_name = "COMMAND",
        .run = command_help,
    },
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const Command *commands_all(uint32_t *count) {
    *count = COMMAND_COUNT;
    return commands;
}

const Command *command_find(Text name) {
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        if (text_equal(name, text_of(commands[i].name)))
            return &commands[i];
    }
    return NULL;
}

const Command *command_nearest(Text name) {
    const Command *best = NULL;
    uint32_t distance = 3;
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        uint32_t d = text_distance(name, text_of(commands[i].name), distance - 1);
        if (d < distance && d + 1 < strlen(commands[i].name)) {
            best = &commands[i];
            distance = d;
        }
    }
    return best;
}
