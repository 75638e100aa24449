/*
 * How long one thing takes: a card comes in, the service starts.
 */
#ifndef BENCH_MOMENTS_H
#define BENCH_MOMENTS_H
#include <fcntl.h>
#include <pthread.h>

#include "card.h"
#include "work.h"

/* Waits until the reader's state has `flag`; state is kept for the next wait. */
static void await_state(SCARDCONTEXT context, SCARD_READERSTATE *state, DWORD flag) {
  double until = now_ns() + PRESENCE_MS * 1e6;
  while (!(state->dwEventState & flag)) {
    LONG code = SCardGetStatusChange(context, PRESENCE_MS, state, 1);
    if (code != SCARD_E_TIMEOUT) check("SCardGetStatusChange", code);
    if (now_ns() > until) fail("The reader's state did not come to 0x%lX", flag);
    state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
  }
}

/* Waits until the reader has a card, or none. */
static int await(const char *reader, const char *what) {
  SCARDCONTEXT context = establish();
  SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
  int present = strcmp(what, "present") == 0;
  await_state(context, &state, present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
  puts("{}");
  SCardReleaseContext(context);
  return 0;
}

/* A card that comes in after a while. */
struct insertion {
  uint16_t port;
  double after_ms;
  volatile double at_ns;
  volatile int fd;
};

static void *plug_in(void *argument) {
  struct insertion *insertion = argument;
  sleep_ms(insertion->after_ms);
  insertion->at_ns = now_ns();
  int fd = insertion->fd = card_connect(insertion->port, CARD_QUICK);
  if (fd < 0) fail("Nobody listens on port %u", insertion->port);
  card_serve(fd, CARD_QUICK);
  return NULL;
}

static int insert(int times, uint16_t port, const char *reader) {
  SCARDCONTEXT context = establish();
  SCARD_READERSTATE state = {.szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE};
  uint32_t samples[1000];
  if (times < 1 || times > 1000) fail("Cannot insert %d times", times);
  alarm((unsigned)(times * 4 + DEADLINE_S));
  for (int i = 0; i < times; i++) {
    /* At any moment of a round of polling: 7 steps through 400 ms, after time to wait. */
    struct insertion insertion = {.port = port, .after_ms = 60 + i * 7 % 8 * 50, .fd = -1};
    pthread_t thread;
    await_state(context, &state, SCARD_STATE_EMPTY);
    if (pthread_create(&thread, NULL, plug_in, &insertion) != 0) fail("Cannot make a thread");
    await_state(context, &state, SCARD_STATE_PRESENT);
    samples[i] = (uint32_t)((now_ns() - insertion.at_ns) / 1e3);
    if (state.cbAtr != sizeof CARD_ATR) fail("An ATR of %lu bytes", state.cbAtr);
    shutdown(insertion.fd, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(insertion.fd);
  }
  await_state(context, &state, SCARD_STATE_EMPTY);
  qsort(samples, (size_t)times, sizeof *samples, by_size);
  printf("{\"p50Us\":%.0f,\"p99Us\":%.0f}\n", percentile(samples, (size_t)times, 0.5),
         percentile(samples, (size_t)times, 0.99));
  SCardReleaseContext(context);
  return 0;
}

/* Fails when the service has ended, or its time is over. */
static void assert_running(pid_t service, const char *program, double until) {
  if (waitpid(service, NULL, WNOHANG) == service) fail("%s ended", program);
  if (now_ns() < until) return;
  kill(service, SIGKILL);
  fail("No answer from %s after %d ms", program, PRESENCE_MS);
}

/* Whether the service names the reader. */
static int is_listed(SCARDCONTEXT context, const char *reader) {
  char names[4096];
  DWORD length = sizeof names;
  if (SCardListReaders(context, NULL, names, &length) != SCARD_S_SUCCESS) return 0;
  for (const char *name = names; *name != 0; name += strlen(name) + 1)
    if (strcmp(name, reader) == 0) return 1;
  return 0;
}

static void end_service(pid_t service) {
  kill(service, SIGTERM);
  for (int tries = 0; tries < 500; tries++) {
    if (waitpid(service, NULL, WNOHANG) == service) return;
    sleep_ms(10);
  }
  kill(service, SIGKILL);
  waitpid(service, NULL, 0);
}

static int start(const char *reader, char **command) {
  SCARDCONTEXT context;
  pid_t parent = getpid();
  double from = now_ns(), until = from + PRESENCE_MS * 1e6, answer;
  pid_t service = fork();
  if (service == 0) {
    int null = open("/dev/null", O_RDWR);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) exit(1);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    execv(command[0], command);
    fail("Cannot run %s", command[0]);
  }
  while (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) {
    assert_running(service, command[0], until);
    sleep_ms(1);
  }
  answer = now_ns();
  while (!is_listed(context, reader)) {
    assert_running(service, command[0], until);
    sleep_ms(1);
  }
  double listed = now_ns();
  SCardReleaseContext(context);
  end_service(service);
  printf("{\"answerUs\":%.0f,\"readerUs\":%.0f}\n", (answer - from) / 1e3,
         (listed - from) / 1e3);
  return 0;
}
#endif
