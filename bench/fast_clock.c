/* This file makes time pass RATE times as fast for one program: `LD_PRELOAD` it.

   FAST_CLOCK = "RATE MONOTONIC_NS REALTIME_NS BOOTTIME_NS": the rate, and where each clock stood when
   it began. All programs with the same word share one time. Clocks are read faster; whatever waits,
   waits that much shorter. Debian's libfaketime does not know sem_clockwait, on which Python waits. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int64_t ns_t;
enum { MONO, REAL, BOOT };
static ns_t rate = 1, began[3];

__attribute__((constructor)) static void begin(void) {
    const char *said = getenv("FAST_CLOCK");
    long long r, m, w, b;
    if (!said || sscanf(said, "%lld %lld %lld %lld", &r, &m, &w, &b) != 4 || r < 1) {
        fprintf(stderr, "FAST_CLOCK is not set\n");
        abort();
    }
    rate = r, began[MONO] = m, began[REAL] = w, began[BOOT] = b;
}

static ns_t ns_of(const struct timespec *t) { return t->tv_sec * 1000000000LL + t->tv_nsec; }
static struct timespec timespec_of(ns_t ns) {
    if (ns < 0) ns = 0;
    return (struct timespec){ns / 1000000000LL, ns % 1000000000LL};
}
static ns_t faster(int which, ns_t real) { return began[which] + (real - began[which]) * rate; }
static ns_t slower(int which, ns_t fast) { return began[which] + (fast - began[which]) / rate; }

/* Which of ours a clock is; -1: none (a processor's time, say). */
static int which(clockid_t clock) {
    switch (clock) {
    case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: return REAL;
    case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE: return MONO;
    case CLOCK_BOOTTIME: return BOOT;
    default: return -1;
    }
}
/* A deadline tells by its size which clock it is of. */
static struct timespec deadline(const struct timespec *fast) {
    return timespec_of(slower(fast->tv_sec > 1000000000LL ? REAL : MONO, ns_of(fast)));
}
#define NEXT(type, name, ...) \
    static type (*next)(__VA_ARGS__); \
    if (!next) next = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

int clock_gettime(clockid_t clock, struct timespec *t) {
    NEXT(int, clock_gettime, clockid_t, struct timespec *);
    int failed = next(clock, t), w = which(clock);
    if (!failed && w >= 0) *t = timespec_of(faster(w, ns_of(t)));
    return failed;
}
int gettimeofday(struct timeval *t, void *zone) {
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec, t->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *t) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *t, struct timespec *left) {
    NEXT(int, clock_nanosleep, clockid_t, int, const struct timespec *, struct timespec *);
    int w = which(clock);
    struct timespec real = *t;
    if (w >= 0)
        real = timespec_of(flags & TIMER_ABSTIME ? slower(w, ns_of(t)) : ns_of(t) / rate);
    return next(clock, flags, &real, left);
}
int nanosleep(const struct timespec *t, struct timespec *left) {
    int failed = clock_nanosleep(CLOCK_MONOTONIC, 0, t, left);
    if (failed) errno = failed;
    return failed ? -1 : 0;
}
int usleep(useconds_t us) {
    struct timespec t = timespec_of(us * 1000LL);
    return nanosleep(&t, NULL);
}
unsigned int sleep(unsigned int s) {
    struct timespec t = {s, 0};
    nanosleep(&t, NULL);
    return 0;
}
int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *t, const sigset_t *mask) {
    NEXT(int, ppoll, struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
    struct timespec real = t ? timespec_of(ns_of(t) / rate) : (struct timespec){0, 0};
    return next(fds, n, t ? &real : NULL, mask);
}
int poll(struct pollfd *fds, nfds_t n, int ms) {
    struct timespec t = timespec_of(ms * 1000000LL);
    return ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}
int __poll_chk(struct pollfd *fds, nfds_t n, int ms, size_t size) {
    (void)size;
    return poll(fds, n, ms);
}
int pselect(int n, fd_set *r, fd_set *w, fd_set *e, const struct timespec *t, const sigset_t *mask) {
    NEXT(int, pselect, int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *);
    struct timespec real = t ? timespec_of(ns_of(t) / rate) : (struct timespec){0, 0};
    return next(n, r, w, e, t ? &real : NULL, mask);
}
int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t) {
    struct timespec fast = {0, 0};
    if (t) fast.tv_sec = t->tv_sec, fast.tv_nsec = t->tv_usec * 1000;
    return pselect(n, r, w, e, t ? &fast : NULL, NULL);
}
int epoll_pwait(int fd, struct epoll_event *events, int n, int ms, const sigset_t *mask) {
    struct timespec real = timespec_of(ms * 1000000LL / rate);
    return (int)syscall(SYS_epoll_pwait2, fd, events, n, ms < 0 ? NULL : &real, mask, 8);
}
int epoll_wait(int fd, struct epoll_event *events, int n, int ms) {
    return epoll_pwait(fd, events, n, ms, NULL);
}
int sem_clockwait(sem_t *sem, clockid_t clock, const struct timespec *until) {
    NEXT(int, sem_clockwait, sem_t *, clockid_t, const struct timespec *);
    struct timespec real = deadline(until);
    return next(sem, clock, &real);
}
int sem_timedwait(sem_t *sem, const struct timespec *until) {
    NEXT(int, sem_timedwait, sem_t *, const struct timespec *);
    struct timespec real = deadline(until);
    return next(sem, &real);
}
int pthread_cond_timedwait(pthread_cond_t *c, pthread_mutex_t *m, const struct timespec *until) {
    NEXT(int, pthread_cond_timedwait, pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    struct timespec real = deadline(until);
    return next(c, m, &real);
}
int pthread_cond_clockwait(pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
                           const struct timespec *until) {
    NEXT(int, pthread_cond_clockwait, pthread_cond_t *, pthread_mutex_t *, clockid_t,
         const struct timespec *);
    struct timespec real = deadline(until);
    return next(c, m, clock, &real);
}
