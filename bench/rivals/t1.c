/*
 * A T=1 reader in C, written the usual way: a struct, byte loops for LRC, one
 * table for the CRC, memcpy for data. Does on the wire what the core does: checks
 * EDC, NAD, LEN and PCB of every block, sequence numbers, chaining both ways,
 * S(IFS), S(WTX) and S(ABORT) of the card, repetitions and RESYNCH (ISO/IEC
 * 7816-3 11.6.3), and copies the response to the caller.
 */
#include <stdint.h>
#include <string.h>

#include "clock.h"
#include "edc.h"

enum { DONE = 0, TRANSFER = 1, E_RESET = -1, E_ABORTED = -2, E_LENGTH = -3 };
enum { MAX_RESPONSE = 65538, TRIES = 3 };

struct t1 {
  int ifsc, crc; /* crc: 0 LRC, 1 CRC of ISO/IEC 13239 */
  int ssn, rsn;
  uint8_t pcb, inf[1]; /* block to send; inf of an S-block */
  int inf_sent, more;  /* of the last I-block */
  int receiving, tries, resynchs, requests, wtx;
  int command_length, sent, received;
  uint8_t command[66048], response[66048];
};

static void reset(struct t1 *s, int ifsc, int with_crc) {
  crc_init();
  memset(s, 0, sizeof *s);
  s->ifsc = ifsc;
  s->crc = with_crc;
}

static int next_information(struct t1 *s) {
  int left = s->command_length - s->sent;
  s->more = left > s->ifsc;
  s->inf_sent = s->more ? s->ifsc : left;
  s->pcb = (uint8_t)(s->ssn << 6 | s->more << 5);
  return TRANSFER;
}

static int restart(struct t1 *s) {
  s->sent = s->received = s->receiving = s->tries = 0;
  return next_information(s);
}

static int start(struct t1 *s, const uint8_t *command, int length) {
  if (length < 1 || length > 65544) return E_LENGTH;
  memcpy(s->command, command, (size_t)length);
  s->command_length = length;
  s->resynchs = s->requests = s->wtx = 0;
  return restart(s);
}

/* Writes the outstanding block; returns its length. */
static int build(struct t1 *s, uint8_t *block) {
  int length = 0;
  if (!(s->pcb & 0x80)) {
    length = s->inf_sent;
    memcpy(block + 3, s->command + s->sent, (size_t)length);
  } else if ((s->pcb & 0xc0) == 0xc0 && (s->pcb & 1)) {
    block[3] = s->inf[0]; /* IFS, WTX */
    length = 1;
  }
  block[0] = 0;
  block[1] = s->pcb;
  block[2] = (uint8_t)length;
  length += 3;
  if (!s->crc) {
    block[length] = lrc(block, length);
    return length + 1;
  }
  uint16_t check = crc(block, length);
  block[length] = (uint8_t)check;
  block[length + 1] = (uint8_t)(check >> 8);
  return length + 2;
}

/* 0 valid, 1 EDC wrong, 2 anything else. */
static int judge(const struct t1 *s, const uint8_t *block, int length) {
  int edc = s->crc ? 2 : 1;
  if (length < 3 + edc) return 2;
  int len = block[2], pcb = block[1];
  if (len == 255 || length != 3 + len + edc) return 2;
  if (s->crc) {
    uint16_t check = crc(block, 3 + len);
    if (block[3 + len] != (check & 0xff) || block[4 + len] != check >> 8) {
      return 1;
    }
  } else if (lrc(block, length) != 0) {
    return 1;
  }
  if (block[0] != 0) return 2;
  if (!(pcb & 0x80)) return pcb & 0x1f ? 2 : 0;
  if (!(pcb & 0x40)) return pcb & 0x2c || (pcb & 3) == 3 || len != 0 ? 2 : 0;
  switch (pcb) {
    case 0xe0: case 0xc2: case 0xe2: return len != 0 ? 2 : 0;
    case 0xc1: case 0xe1: return len != 1 || block[3] == 0 || block[3] == 255 ? 2 : 0;
    case 0xc3: return len != 1 ? 2 : 0;
    default: return 2;
  }
}

static int send_r(struct t1 *s, int error) {
  s->pcb = (uint8_t)(0x80 | s->rsn << 4 | error);
  return TRANSFER;
}

/* Rules 7.4.1, 7.4.2, 6.4: two repetitions, RESYNCH, then the card is given up. */
static int fail(struct t1 *s, int error) {
  if (++s->tries < TRIES) {
    return (s->pcb & 0xc0) == 0xc0 && !(s->pcb & 0x20) ? TRANSFER
                                                        : send_r(s, error);
  }
  if (s->pcb == 0xc0 || ++s->resynchs > TRIES) return E_RESET;
  s->tries = 0;
  s->pcb = 0xc0;
  return TRANSFER;
}

static int take(struct t1 *s, const uint8_t *block) {
  int len = block[2];
  if (!s->receiving) {
    s->ssn ^= 1; /* rule 2.1: the answer acknowledges */
    s->receiving = 1;
  }
  s->rsn ^= 1;
  if (s->received + len > MAX_RESPONSE) return E_LENGTH;
  memcpy(s->response + s->received, block + 3, (size_t)len);
  s->received += len;
  return block[1] & 0x20 ? send_r(s, 0) : DONE;
}

static int take_r(struct t1 *s, int pcb) {
  if ((pcb >> 4 & 1) == s->ssn) { /* rule 7.2: once more */
    if (s->receiving) return fail(s, 2);
    if (++s->tries >= TRIES) return fail(s, 2);
    s->pcb = (uint8_t)(s->ssn << 6 | s->more << 5);
    return TRANSFER;
  }
  if (!s->more || s->receiving) return fail(s, 2);
  s->tries = 0;
  s->sent += s->inf_sent;
  s->ssn ^= 1;
  return next_information(s);
}

static int take_s(struct t1 *s, const uint8_t *block) {
  if (block[1] == 0xe0 && s->pcb == 0xc0) {
    s->ssn = s->rsn = 0;
    return restart(s);
  }
  if (block[1] & 0x20) return fail(s, 2);
  if (++s->requests > 1024) return E_RESET;
  s->tries = 0;
  if (block[1] == 0xc1) s->ifsc = block[3];
  if (block[1] == 0xc3) s->wtx = block[3];
  if (block[1] == 0xc2) return E_ABORTED;
  s->inf[0] = block[3];
  s->pcb = block[1] | 0x20;
  return TRANSFER;
}

static int digest(struct t1 *s, const uint8_t *block, int length) {
  int error = judge(s, block, length);
  s->wtx = 0;
  if (error) return fail(s, error);
  if (block[1] & 0x80) {
    return block[1] & 0x40 ? take_s(s, block) : take_r(s, block[1]);
  }
  if (block[1] >> 6 != s->rsn || (s->more && !s->receiving)) return fail(s, 2);
  s->tries = 0;
  return take(s, block);
}

/* start and build in one. */
static int begin(struct t1 *s, const uint8_t *command, int length,
                 uint8_t *block) {
  int event = start(s, command, length);
  return event == TRANSFER ? build(s, block) : event;
}

/* digest and build in one; returns the length of the next block, DONE, or an error. */
static int step(struct t1 *s, const uint8_t *came, int length, uint8_t *block) {
  int event = digest(s, came, length);
  return event == TRANSFER ? build(s, block) : event;
}

static struct t1 session;
static uint8_t tx[512], rx[512];

/* Card blocks lie one behind the other in slots of 272 bytes, length (16 bit) first. */
enum { SLOT = 272 };
static int slot_length(const uint8_t *slot) { return slot[0] | slot[1] << 8; }

/* Both exchanges of a cycle; with `expected`, returns 0 unless every block sent is the one expected. */
static int run_cycle(const uint8_t *command, int command_length,
                     const uint8_t *card, const uint8_t *expected, int exchanges,
                     uint8_t *response) {
  int at = 0;
  for (int e = 0; e < exchanges; e++) {
    int length = begin(&session, command, command_length, tx);
    while (length > 0) {
      if (expected != NULL) {
        const uint8_t *slot = expected + SLOT * at;
        if (length != slot_length(slot) || memcmp(tx, slot + 2, (size_t)length)) {
          return 0;
        }
      }
      const uint8_t *slot = card + SLOT * at++;
      int came = slot_length(slot);
      memcpy(rx, slot + 2, (size_t)came);
      length = step(&session, rx, came, tx);
    }
    if (length != DONE) return 0;
    memcpy(response, session.response, (size_t)session.received);
  }
  return session.received;
}

/* One checked cycle on a fresh session; returns the length of the response, 0 when a block differs. */
int32_t t1_check(int32_t ifsc, int32_t with_crc, const uint8_t *command,
                 int32_t command_length, const uint8_t *card,
                 const uint8_t *expected, int32_t exchanges, uint8_t *response) {
  reset(&session, ifsc, with_crc);
  return run_cycle(command, command_length, card, expected, exchanges, response);
}

/* `cycles` times on the session that `t1_check` left. Returns ns, negative when a cycle failed. */
double t1_bench(const uint8_t *command, int32_t command_length,
                const uint8_t *card, int32_t exchanges, int32_t cycles,
                uint8_t *response) {
  double begun = now_ns();
  for (int32_t i = 0; i < cycles; i++) {
    if (!run_cycle(command, command_length, card, NULL, exchanges, response)) {
      return -1;
    }
  }
  return now_ns() - begun;
}
