// janus-jircheck: what the calculus says of the exact JIR of programs.
//   janus-jircheck [--no-ownership] [--std] [--print] [--timings] FILE...
#include <stdio.h>

#include "calculus/calculus.h"
#include "driver/session.h"

typedef struct {
    Session *session;
    bool prints, times;
    uint32_t refused, count;
    uint64_t spent_ns;
} Run;

static void judge(void *context, JirFn *fn) {
    Run *run = context;
    Buffer text = {0};
    uint64_t started = os_now_ns();
    run->count++;
    bool good = calculus_check(run->session->jir, fn, &text);
    run->spent_ns += os_now_ns() - started;
    if (!good) {
        run->refused++;
        Text name = fn->decl.v ? decl_name(run->session->program, fn->decl) : TEXT("?");
        printf("refused %.*s%s: %.*s\n", TEXT_ARG(name), fn->closure.v ? " closure" : "", TEXT_ARG(buffer_view(&text)));
    }
    text.count = 0;
    if (run->prints) {
        jir_print_fn(run->session->jir, fn, &text);
        printf("%.*s", TEXT_ARG(buffer_view(&text)));
    }
    vec_free(&text);
}

int main(int argc, char **argv) {
    SessionOptions options = {0};
    Run run = {0};
    bool with_std = false;
    uint32_t bad = 0;
    for (int i = 1; i < argc; i++) {
        Text arg = text_of(argv[i]);
        if (text_equal(arg, TEXT("--no-ownership")))
            options.ignore_ownership = true;
        else if (text_equal(arg, TEXT("--std")))
            with_std = true;
        else if (text_equal(arg, TEXT("--print")))
            run.prints = true;
        else if (text_equal(arg, TEXT("--timings")))
            run.times = true;
        else {
            options.path = argv[i];
            run.session = session_new(options);
            run.refused = run.count = 0;
            run.spent_ns = 0;
            bool good = pipeline_exact(run.session, with_std, judge, &run);
            const char *verdict = !good ? "errors" : run.refused ? "refused" : "agreed";
            printf("%s %s", verdict, argv[i]);
            if (run.times)
                printf(" %u functions, %.3f ms", run.count, (double)run.spent_ns / 1e6);
            printf("\n");
            bad += run.refused != 0;
            session_free(run.session);
        }
    }
    return bad != 0;
}
