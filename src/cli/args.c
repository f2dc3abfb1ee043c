// Options: one table says how each is written, one switch what it does.
#include "cli/cli.h"

typedef struct {
    OptionSet id;
    const char *name;  // "--release"
    const char *brief; // "-o" or NULL
    const char *value; // name of its value, or NULL
    const char *help;  // NULL: for those who work on the compiler, not listed
} Option;

static const Option all_options[] = {
    {OPTION_LIBRARY, "--lib", NULL, NULL, "make a library, for other packages to import"},
    {OPTION_RELEASE, "--release", NULL, NULL, "optimise"},
    {OPTION_OUTPUT, "--output", "-o", "PATH", "where to write the result"},
    {OPTION_EMIT, "--emit", NULL, "KIND",
     "print a stage: tokens, ast, jir, effects, captures, llvm, asm; or write an obj"},
    {OPTION_CHECK_MEMORY, "--check-memory", NULL, NULL, "find leaks and wrong uses of memory while the program runs"},
    {OPTION_INTERP, "--interp", NULL, NULL, "interpret instead of compiling to machine code"},
    {OPTION_NO_OWNERSHIP, "--no-ownership", NULL, NULL, NULL},
    {OPTION_FILTER, "--filter", NULL, "TEXT", "run only tests whose names contain TEXT"},
    {OPTION_SEED, "--seed", NULL, "SEED", "run the tasks in the order of this seed"},
    {OPTION_SCHEDULES, "--schedules", NULL, "N", "try N orders of the tasks of each test; shorten one that fails"},
    {OPTION_REAL, "--real", NULL, NULL, "run the tasks on all cores, not in the order of a seed"},
    {OPTION_TIMEOUT, "--timeout", NULL, "SECONDS", "end a test that takes longer (60 if not given)"},
    {OPTION_JOBS, "--jobs", NULL, "N", "run N tests at a time (one for each core if not given)"},
    {OPTION_FORMAT_TESTS, "--format", NULL, "KIND", "results for a human (the default), as json, or as junit"},
    {OPTION_LINKER, "--linker", NULL, "PATH", "link with this program, not with the built-in lld"},
    {OPTION_TARGET, "--target", NULL, "NAME", "compile for another machine, such as aarch64-linux-musl"},
    {OPTION_TIMINGS, "--timings", NULL, NULL, "print how long each stage took"},
    {OPTION_CHECK, "--check", NULL, NULL, "change nothing; list the files that would change and end with code 1"},
    {OPTION_DIFF, "--diff", NULL, NULL, "change nothing; show what would change"},
    {OPTION_FORMAT, "--format", NULL, "KIND", "reports for a human (the default) or as json"},
    {OPTION_COLOR, "--color", NULL, "WHEN", "colours: auto (the default), always, never"},
    {OPTION_DENY, "--deny", NULL, "warnings", "warnings count as errors"},
    {OPTION_EXPLAIN_CAPTURES, "--explain-captures", NULL, NULL,
     "say how tasks capture variables, and what depends on their order"},
    {OPTION_ALL, "--all", NULL, NULL, "with --explain-captures: of std and of dependencies, too"},
    {OPTION_HELP, "--help", "-h", NULL, "print this help"},
};

enum { OPTION_COUNT = sizeof all_options / sizeof *all_options };

// ---- help ----------------------------------------------------------------------------------------------------------

void help_write_command(const Command *command, Buffer *out) {
    buffer_printf(out, "janus %s: %s\n\n", command->name, command->summary);
    buffer_printf(out, "usage: janus %s%s%s\n\n", command->name, *command->usage ? " " : "", command->usage);
    buffer_cstr(out, "options:\n");
    for (uint32_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &all_options[i];
        if (!(command->options & option->id) || !option->help)
            continue;
        char left[40];
        snprintf(left, sizeof left, "%s%s%s%s%s", option->brief ? option->brief : "", option->brief ? ", " : "",
                 option->name, option->value ? " " : "", option->value ? option->value : "");
        buffer_printf(out, "  %-20s %s\n", left, option->help);
    }
    buffer_printf(out, "\nexamples:\n%s", command->example);
}

void help_write_overview(Buffer *out) {
    uint32_t count;
    const Command *commands = commands_all(&count);
    buffer_cstr(out, "janus: the compiler of the Janus language\n\nusage: janus COMMAND [options]\n\ncommands:\n");
    for (uint32_t i = 0; i < count; i++)
        buffer_printf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    buffer_cstr(out, "\n`janus COMMAND --help` tells more.\n\nexample:\n  janus run hello.jan\n");
}

// ---- reading -------------------------------------------------------------------------------------------------------

static const Option *find_option(const Command *command, Text name) {
    for (uint32_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &all_options[i];
        bool named =
            text_equal(name, text_of(option->name)) || (option->brief && text_equal(name, text_of(option->brief)));
        if (named && (command->options & option->id))
            return option;
    }
    return NULL;
}

static bool unknown_option(const Command *command, Text name) {
    char help[96];
    const Option *best = NULL;
    uint32_t distance = 4;
    for (uint32_t i = 0; i < OPTION_COUNT; i++) {
        const Option *option = &all_options[i];
        uint32_t d = text_distance(name, text_of(option->name), distance - 1);
        if (d < distance && (command->options & option->id) && option->help) {
            best = option;
            distance = d;
        }
    }
    if (best)
        snprintf(help, sizeof help, "did you mean `%s`?", best->name);
    else
        snprintf(help, sizeof help, "`janus %s --help` lists the options", command->name);
    usage_error(help, "`janus %s` has no option `%.*s`", command->name, TEXT_ARG(name));
    return false;
}

// Finds `value` among `names`; -1 after a message.
static int choose(const char *option, const char *value, const char *const *names, int count) {
    char list[128] = "";
    int best = -1;
    uint32_t distance = 3;
    for (int i = 0; i < count; i++) {
        uint32_t d = text_distance(text_of(value), text_of(names[i]), distance - 1);
        if (d == 0)
            return i;
        if (d < distance) {
            best = i;
            distance = d;
        }
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s`%s`", i == 0 ? "" : i == count - 1 ? " or " : ", ", names[i]);
    }
    char help[192];
    if (best >= 0)
        snprintf(help, sizeof help, "did you mean `%s %s`?", option, names[best]);
    else
        snprintf(help, sizeof help, "`%s` takes %s", option, list);
    usage_error(help, "`%s` cannot be `%s`", option, value);
    return -1;
}

static bool set_emit(const char *value, Options *options) {
    static const char *const kinds[] = {"tokens", "ast", "jir", "effects", "captures", "llvm", "asm", "obj"};
    if (choose("--emit", value, kinds, 8) < 0)
        return false;
    options->has_emit = true;
    return emit_find(text_of(value), &options->emit);
}

// A number from 1 to `most`.
static bool read_count(const Option *option, const char *value, uint64_t most, uint64_t *count) {
    *count = 0;
    for (const char *at = value; *at >= '0' && *at <= '9' && *count <= most; at++)
        *count = *count * 10 + (uint64_t)(*at - '0');
    if (*value && value[strspn(value, "0123456789")] == 0 && *count >= 1 && *count <= most)
        return true;
    char help[96];
    snprintf(help, sizeof help, "it is a number from 1 to %llu", (unsigned long long)most);
    usage_error(help, "`%s` cannot be `%s`", option->name, value);
    return false;
}

static bool set_option(const Option *option, const char *value, Options *options) {
    static const char *const formats[] = {"human", "json", "junit"}, *const colors[] = {"auto", "always", "never"};
    static const char *const denied[] = {"warnings"};
    static const char *const targets[] = {"x86_64-linux-musl", "aarch64-linux-musl"};
    int choice = 0;
    switch ((unsigned)option->id) {
    case OPTION_LIBRARY: options->library = true; break;
    case OPTION_RELEASE: options->release = true; break;
    case OPTION_OUTPUT: options->output = value; break;
    case OPTION_EMIT: return set_emit(value, options);
    case OPTION_CHECK_MEMORY: options->check_memory = true; break;
    case OPTION_INTERP: options->interpret = true; break;
    case OPTION_NO_OWNERSHIP: options->ignore_ownership = true; break;
    case OPTION_FILTER:
        if (options->filter)
            usage_error("name what the names of all these tests contain", "`--filter` is given twice");
        choice = options->filter ? -1 : 0;
        options->filter = value;
        break;
    case OPTION_LINKER: options->linker = value; break;
    case OPTION_TARGET:
        choice = choose("--target", value, targets, 2);
        options->target = value;
        break;
    case OPTION_TIMINGS: options->timings = true; break;
    case OPTION_SEED: options->seed = value; break;
    case OPTION_SCHEDULES: return read_count(option, value, 10000000, &options->schedules);
    case OPTION_REAL: options->real = true; break;
    case OPTION_TIMEOUT: return read_count(option, value, 86400, &options->timeout);
    case OPTION_JOBS: return read_count(option, value, 256, &options->jobs);
    case OPTION_FORMAT_TESTS:
        choice = choose("--format", value, formats, 3);
        options->json = choice == 1;
        options->junit = choice == 2;
        break;
    case OPTION_FORMAT:
        choice = choose("--format", value, formats, 2);
        options->json = choice == 1;
        break;
    case OPTION_COLOR:
        choice = choose("--color", value, colors, 3);
        options->color = choice < 0 ? COLOR_AUTO : (ColorWhen)choice;
        break;
    case OPTION_CHECK: options->check = true; break;
    case OPTION_EXPLAIN_CAPTURES: options->explain_captures = true; break;
    case OPTION_ALL: options->all = true; break;
    case OPTION_DIFF: options->diff = true; break;
    case OPTION_DENY:
        choice = choose("--deny", value, denied, 1);
        options->deny_warnings = true;
        break;
    default: break;
    }
    return choice >= 0;
}

// Reads one option, `--name`, `--name value` or `--name=value`; *args moves past it.
static bool read_option(const Command *command, const char *const **args, Options *options, bool *help) {
    const char *word = *(*args)++;
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;
    Text name = equals ? (Text){word, (size_t)(equals - word)} : text_of(word);
    const Option *option = find_option(command, name);
    if (!option)
        return unknown_option(command, name);
    const char *value = equals ? equals + 1 : NULL;
    if (!option->value && value) {
        usage_error(NULL, "`%s` takes no value", option->name);
        return false;
    }
    if (option->value && !value) {
        value = **args;
        if (!value) {
            usage_error(NULL, "`%s` needs a value: `%s %s`", option->name, option->name, option->value);
            return false;
        }
        (*args)++;
    }
    *help = *help || option->id == OPTION_HELP;
    return set_option(option, value, options);
}

static bool read_operand(const Command *command, const char *word, Options *options) {
    char help[128];
    if (command->operand == OPERAND_MANY) {
        vec_push(&options->operands, word);
        return true;
    }
    if (command->operand != OPERAND_NONE && !options->operand) {
        options->operand = word;
        return true;
    }
    if (command->takes_program_args)
        snprintf(help, sizeof help, "arguments of the program go after `--`: janus %s %s -- %.40s", command->name,
                 command->operand_name, word);
    else
        snprintf(help, sizeof help, "usage: janus %s %s", command->name, command->usage);
    usage_error(help, "`%s` is one argument too many", word);
    return false;
}

bool args_read(const Command *command, const char *const *args, Options *options, bool *help) {
    static const char *const no_args[] = {NULL};
    options->program_args = no_args;
    while (*args) {
        const char *word = *args;
        if (strcmp(word, "--") == 0 && command->takes_program_args) {
            options->program_args = args + 1;
            break;
        }
        if (word[0] == '-' && word[1]) {
            if (!read_option(command, &args, options, help))
                return false;
            continue;
        }
        if (!read_operand(command, word, options))
            return false;
        args++;
    }
    if (*help || options->operand || command->operand != OPERAND_NEEDED)
        return true;
    char usage[96];
    snprintf(usage, sizeof usage, "usage: janus %s %s", command->name, command->usage);
    usage_error(usage, "`janus %s` needs a %s", command->name, command->operand_name);
    return false;
}
