// How a generator best waits for the next due time: 10,000 a second, by the timeout of epoll_pwait2 or by a timerfd in the same epoll,
// each ending 50 µs before it is due and polling for the rest; with 0 as the lead, sleeping right up to it.
//
// It is an experiment and no part of any build:
//
//   cc -O2 -o waits benches/experiments/timerfd.c
//   for way in epoll_pwait2 timerfd; do chrt -f 1 taskset -c 0 ./waits $way 50 2; done   # alternating, often
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVERY_NS = 100000, SHORTEST_NS = 10000, MOST = 1000000 };
static long lags[MOST];

static long now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000L + time.tv_nsec;
}

static struct timespec of(long ns) { return (struct timespec){ ns / 1000000000L, ns % 1000000000L }; }

static int by_size(const void *one, const void *other) {
    long a = *(const long *)one, b = *(const long *)other;
    return (a > b) - (a < b);
}

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "usage: waits epoll_pwait2|timerfd LEAD_US SECONDS\n"), 1;
    int with_timer = strcmp(words[1], "timerfd") == 0, poller = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    long lead_ns = atol(words[2]) * 1000, seen = 0, slept = 0, due = now_ns() + EVERY_NS, end = due + (long)(atof(words[3]) * 1e9);
    struct epoll_event event = { EPOLLIN, { .u64 = 0 } };
    epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event);
    while (due < end && seen < MOST) {
        long left = due - lead_ns - now_ns();
        if (left > SHORTEST_NS && with_timer) {
            unsigned long expired;
            timerfd_settime(timer, TFD_TIMER_ABSTIME, &(struct itimerspec){ .it_value = of(due - lead_ns) }, NULL);
            epoll_pwait2(poller, &event, 1, NULL, NULL);
            slept += read(timer, &expired, sizeof expired) > 0;
        } else if (left > SHORTEST_NS) {
            struct timespec timeout = of(left);
            slept += epoll_pwait2(poller, &event, 1, &timeout, NULL) == 0;
        }
        while (now_ns() < due) epoll_pwait2(poller, &event, 1, &(struct timespec){ 0, 0 }, NULL);
        lags[seen++] = now_ns() - due;
        due += EVERY_NS;
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
    qsort(lags, seen, sizeof *lags, by_size);
    printf("%s, %ld us ahead: lag p50 %.2f us, p99 %.2f us; %.2f us CPU each; slept before %.0f %%\n", words[1], lead_ns / 1000,
           lags[seen / 2] * 1e-3, lags[seen * 99 / 100] * 1e-3, cpu_us / seen, 100.0 * slept / seen);
}
