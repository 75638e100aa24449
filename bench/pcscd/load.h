/*
 * Many processes that do the same at the same time. A process that is not ready, or not
 * done, by its deadline is ended by the system; so are all when their parent goes.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_CLIENTS 64
#define MOST_SAMPLES (1 << 18)
#define DEADLINE_S 40

/* What one process did. */
struct tally {
  uint32_t done;
  uint32_t longest_wait_us; /* for a transaction to begin */
  uint32_t samples_ns[MOST_SAMPLES];
};

/* Memory that all processes have in common. */
struct common {
  volatile double from_ns, until_ns;
  struct tally tallies[MOST_CLIENTS];
};

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void sleep_ms(double ms) {
  struct timespec t = {(time_t)(ms / 1e3), (long)(ms * 1e6) % 1000000000L};
  nanosleep(&t, NULL);
}

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* Nearest rank; `samples` are in order. */
static double percentile(const uint32_t *samples, size_t count, double share) {
  return count == 0 ? 0 : samples[(size_t)(share * (double)(count - 1) + 0.5)];
}

/* Ends with its parent, and by its deadline. */
static void become_child(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) exit(1);
  alarm(DEADLINE_S);
}

/* A child's way to the start: says that it is ready, and waits for the others. */
struct gate {
  int ready[2], go[2];
};

static void gate_open(struct gate *gate) {
  if (pipe(gate->ready) != 0 || pipe(gate->go) != 0) fail("Cannot make pipes");
}

static void gate_pass(const struct gate *gate) {
  char byte = 0;
  if (write(gate->ready[1], &byte, 1) != 1 || read(gate->go[0], &byte, 1) != 1) exit(1);
}

/* The parent's side: waits until `count` children are ready. */
static void gate_await(struct gate *gate, int count) {
  char byte;
  struct pollfd ready = {.fd = gate->ready[0], .events = POLLIN};
  close(gate->ready[1]);
  for (int i = 0; i < count; i++) {
    while (poll(&ready, 1, 50) == 0)
      if (waitpid(-1, NULL, WNOHANG) > 0) fail("A client ended before the start");
    if (read(gate->ready[0], &byte, 1) != 1) fail("The clients ended before the start");
  }
}

static void gate_release(const struct gate *gate, int count) {
  for (int i = 0; i < count; i++)
    if (write(gate->go[1], "", 1) != 1) fail("Cannot start the clients");
}

/* Waits for all; how many of them failed. */
static int reap(int count) {
  int failures = 0, status;
  for (int i = 0; i < count; i++)
    if (wait(&status) < 0 || status != 0) failures++;
  return failures;
}
#endif
