// The handler of ticks sets two words; what the sanitizer does about them changes errno.
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
    return "signal:on_tick";
}
