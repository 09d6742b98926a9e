/* The unit tests' whole framework: sentences, checks that say where they failed, an exit status for ctest. */
#ifndef CARTWRIGHT_TEST_CHECK_H
#define CARTWRIGHT_TEST_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned check_count;
static unsigned check_failures;
static const char *check_sentence = "";

static inline void check_that(int holds, const char *what, const char *file, int line)
{
    check_count++;
    if (!holds) {
        check_failures++;
        (void)fprintf(stderr, "%s:%d: %s: not so: %s\n", file, line, check_sentence, what);
    }
}

static inline void check_equal(long long got, long long want, const char *what, const char *file, int line)
{
    check_count++;
    if (got != want) {
        check_failures++;
        (void)fprintf(stderr, "%s:%d: %s: %s is %lld, not %lld\n", file, line, check_sentence, what, got, want);
    }
}

static inline void check_bytes(const void *got, const void *want, size_t size, const char *what, const char *file,
                               int line)
{
    check_count++;
    if (size != 0u && memcmp(got, want, size) != 0) {
        check_failures++;
        (void)fprintf(stderr, "%s:%d: %s: the %zu bytes of %s differ\n", file, line, check_sentence, size, what);
    }
}

#define CHECK(holds) check_that((holds) ? 1 : 0, #holds, __FILE__, __LINE__)
#define CHECK_EQ(got, want) check_equal((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
#define CHECK_BYTES(got, want, size) check_bytes((got), (want), (size), #got, __FILE__, __LINE__)

/* IT("what holds") { … }: the sentence stands before each failure below it. */
#define IT(sentence) for (int once = (check_sentence = (sentence), 1); once != 0; once = 0)

/* The last line of main. A program that checked nothing has failed. */
static inline int check_report(const char *program)
{
    (void)printf("%s: %u checks, %u failures\n", program, check_count, check_failures);
    return check_failures == 0u && check_count != 0u ? 0 : 1;
}

#endif
