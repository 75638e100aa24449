/*
 * A PC/SC program that measures the service it finds by PCSCLITE_CSOCK_NAME, and prints
 * one JSON object. Arguments:
 *
 *   load WORK CLIENTS MS WARM-UP-MS READER...   WORK: short, long, connect, transaction,
 *                                               spaced; client i uses reader i modulo
 *                                               their number
 *   insert TIMES PORT READER                    the reader is empty, and listens on PORT
 *   await READER empty|present
 *   hold CLIENTS READER                         until standard input ends
 *   start READER PROGRAM ARGUMENT...            runs the service, and ends it
 *   become PROGRAM ARGUMENT...                  which ends when the parent does
 */
#include "load.h"
#include "moments.h"
#include "work.h"

static void run_client(struct common *common, struct tally *tally, struct gate *gate,
                       work_function *work, const char *reader, double pause_ms) {
  struct client client = {
      .context = establish(), .reader = reader, .pause_ms = pause_ms};
  client.card = connect_card(client.context, reader, &client.protocol);
  gate_pass(gate);
  double from = common->from_ns, until = common->until_ns, start, wait = 0;
  for (;;) {
    if (client.pause_ms > 0) sleep_ms(client.pause_ms);
    if ((start = now_ns()) >= until) break;
    work(&client, &wait);
    double end = now_ns();
    /* A wait into the time after counts as far as the end of it. */
    double begun = start + wait < until ? wait : until - start;
    if (end < from) continue;
    if (begun / 1e3 > tally->longest_wait_us) tally->longest_wait_us = (uint32_t)(begun / 1e3);
    if (end >= until) break;
    if (tally->done < MOST_SAMPLES) tally->samples_ns[tally->done] = (uint32_t)(end - start);
    tally->done++;
  }
  SCardDisconnect(client.card, SCARD_LEAVE_CARD);
  SCardReleaseContext(client.context);
}

static void print_tallies(const struct common *common, int clients, double seconds) {
  uint32_t *all = malloc(sizeof(uint32_t) * MOST_SAMPLES * (size_t)clients);
  uint32_t least = UINT32_MAX, most = 0, longest = 0;
  size_t count = 0;
  double done = 0;
  if (all == NULL) fail("Cannot sort: no memory");
  for (int i = 0; i < clients; i++) {
    const struct tally *tally = &common->tallies[i];
    uint32_t kept = tally->done < MOST_SAMPLES ? tally->done : MOST_SAMPLES;
    memcpy(all + count, tally->samples_ns, kept * sizeof *all);
    count += kept;
    done += tally->done;
    if (tally->done < least) least = tally->done;
    if (tally->done > most) most = tally->done;
    if (tally->longest_wait_us > longest) longest = tally->longest_wait_us;
  }
  qsort(all, count, sizeof *all, by_size);
  printf("{\"rate\":%.3f,\"p50Us\":%.3f,\"p99Us\":%.3f,\"least\":%u,\"most\":%u,"
         "\"longestWaitUs\":%u}\n",
         done / seconds, percentile(all, count, 0.5) / 1e3,
         percentile(all, count, 0.99) / 1e3, least, most, longest);
  free(all);
}

static int load(const char *name, int clients, double ms, double warm_ms, char **readers,
                int count) {
  work_function *work = work_named(name);
  double pause_ms = strcmp(name, SPACED) == 0 ? PAUSE_MS : 0;
  struct gate gate;
  pid_t parent = getpid();
  struct common *common = mmap(NULL, sizeof *common, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (common == MAP_FAILED) fail("Cannot map memory");
  if (clients < 1 || clients > MOST_CLIENTS || count < 1) fail("Cannot load: no readers");
  gate_open(&gate);
  for (int i = 0; i < clients; i++) {
    if (fork() != 0) continue;
    become_child(parent);
    run_client(common, &common->tallies[i], &gate, work, readers[i % count], pause_ms);
    exit(0);
  }
  gate_await(&gate, clients);
  common->from_ns = now_ns() + warm_ms * 1e6;
  common->until_ns = common->from_ns + ms * 1e6;
  gate_release(&gate, clients);
  if (reap(clients) > 0) fail("A client failed");
  print_tallies(common, clients, ms / 1e3);
  return 0;
}

static int hold(int clients, const char *reader) {
  struct gate gate;
  pid_t parent = getpid();
  char byte;
  gate_open(&gate);
  for (int i = 0; i < clients; i++) {
    if (fork() != 0) continue;
    struct client client = {.reader = reader};
    double wait;
    become_child(parent);
    client.context = establish();
    client.card = connect_card(client.context, reader, &client.protocol);
    work_short(&client, &wait);
    gate_pass(&gate);
    exit(0);
  }
  gate_await(&gate, clients);
  puts("{\"ready\":true}");
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  gate_release(&gate, clients);
  return reap(clients) > 0;
}

static int become(char **command) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  alarm(0);
  execv(command[0], command);
  fail("Cannot run %s", command[0]);
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  alarm(DEADLINE_S);
  if (strcmp(mode, "load") == 0 && argc > 6)
    return load(argv[2], atoi(argv[3]), atof(argv[4]), atof(argv[5]), argv + 6, argc - 6);
  if (strcmp(mode, "insert") == 0 && argc == 5)
    return insert(atoi(argv[2]), (uint16_t)atoi(argv[3]), argv[4]);
  if (strcmp(mode, "await") == 0 && argc == 4) return await(argv[2], argv[3]);
  if (strcmp(mode, "hold") == 0 && argc == 4) return hold(atoi(argv[2]), argv[3]);
  if (strcmp(mode, "become") == 0 && argc > 2) return become(argv + 2);
  if (strcmp(mode, "start") == 0 && argc > 3) return start(argv[2], argv + 3);
  fail("usage: client load|insert|await|hold|start|become ...");
}
