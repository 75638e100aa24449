/*
 * What a client does, once or over and over.
 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H
#include <string.h>

#include "load.h"
#include "pcsc.h"

#define PRESENCE_MS 10000

static void check(const char *call, LONG code) {
  if (code != SCARD_S_SUCCESS)
    fail("%s ended with 0x%08lX, expected SCARD_S_SUCCESS", call, code & 0xffffffff);
}

/* A context of a service that may still be starting. */
static SCARDCONTEXT establish(void) {
  double until = now_ns() + PRESENCE_MS * 1e6;
  for (;;) {
    SCARDCONTEXT context;
    LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (code == SCARD_S_SUCCESS) return context;
    if (now_ns() > until) check("SCardEstablishContext", code);
    sleep_ms(5);
  }
}

/* A connection to a reader whose card may still be on its way. */
static SCARDHANDLE connect_card(SCARDCONTEXT context, const char *reader, DWORD *protocol) {
  double until = now_ns() + PRESENCE_MS * 1e6;
  for (;;) {
    SCARDHANDLE card;
    LONG code = SCardConnect(context, reader, SCARD_SHARE_SHARED,
                             SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, protocol);
    if (code == SCARD_S_SUCCESS) return card;
    if (now_ns() > until) check("SCardConnect", code);
    sleep_ms(5);
  }
}

/* What a client works with. */
struct client {
  SCARDCONTEXT context;
  SCARDHANDLE card;
  DWORD protocol;
  const char *reader;
  double pause_ms; /* between one thing and the next */
};

static void transmit(const struct client *client, const unsigned char *apdu, DWORD length,
                     DWORD expected) {
  unsigned char answer[4096 + 2];
  DWORD got = sizeof answer;
  SCARD_IO_REQUEST header = {client->protocol, sizeof header};
  check("SCardTransmit",
        SCardTransmit(client->card, &header, apdu, length, NULL, answer, &got));
  if (got != expected || answer[got - 2] != 0x90)
    fail("SCardTransmit brought %lu bytes, expected %lu with 9000", got, expected);
}

/* READ BINARY of 32 bytes. */
static void work_short(struct client *client, double *wait_ns) {
  static const unsigned char apdu[] = {0x00, 0xb0, 0x00, 0x00, 32};
  (void)wait_ns;
  transmit(client, apdu, sizeof apdu, 34);
}

/* UPDATE BINARY of 4096 bytes, extended. */
static void work_long(struct client *client, double *wait_ns) {
  static const unsigned char apdu[7 + 4096] = {0x00, 0xd6, 0x00, 0x00, 0x00, 0x10, 0x00};
  (void)wait_ns;
  transmit(client, apdu, sizeof apdu, 2);
}

static void work_connect(struct client *client, double *wait_ns) {
  SCARDHANDLE card;
  DWORD active;
  (void)wait_ns;
  check("SCardConnect",
        SCardConnect(client->context, client->reader, SCARD_SHARE_SHARED,
                     SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active));
  check("SCardDisconnect", SCardDisconnect(card, SCARD_LEAVE_CARD));
}

static void work_transaction(struct client *client, double *wait_ns) {
  double from = now_ns();
  check("SCardBeginTransaction", SCardBeginTransaction(client->card));
  *wait_ns = now_ns() - from;
  work_short(client, wait_ns);
  check("SCardEndTransaction", SCardEndTransaction(client->card, SCARD_LEAVE_CARD));
}

typedef void work_function(struct client *, double *wait_ns);

#define SPACED "spaced" /* transactions with PAUSE_MS between them */
#define PAUSE_MS 1

static work_function *work_named(const char *name) {
  if (strcmp(name, SPACED) == 0) return work_transaction;
  if (strcmp(name, "short") == 0) return work_short;
  if (strcmp(name, "long") == 0) return work_long;
  if (strcmp(name, "connect") == 0) return work_connect;
  if (strcmp(name, "transaction") == 0) return work_transaction;
  fail("There is no work \"%s\"", name);
}
#endif
