/*
 * A card for vpcd. A quick one acknowledges at once what TCP brings, which costs a system
 * call for every read, and never waits before it sends. The others leave both to the
 * system, as programs do that nobody has tuned.
 */
#ifndef BENCH_CARD_H
#define BENCH_CARD_H
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum card_manner {
  CARD_QUICK,
  CARD_ORDINARY,  /* header and data in one write, as vicc does */
  CARD_TWO_WRITES /* in two: without TCP_NODELAY the second waits for an acknowledgement */
};

/* Offers T=0 and T=1, IFSC 254. */
static const uint8_t CARD_ATR[] = {0x3b, 0x80, 0x80, 0x11, 0xfe, 0xef};

static int card_receive(int fd, enum card_manner manner, uint8_t *to, size_t length) {
  while (length > 0) {
    ssize_t n = recv(fd, to, length, 0);
    if (n <= 0) return 0;
    int on = 1; /* Linux forgets it: set it again */
    if (manner == CARD_QUICK) setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    to += n;
    length -= (size_t)n;
  }
  return 1;
}

static int card_send(int fd, const uint8_t *bytes, size_t length) {
  return send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static int card_answer(int fd, enum card_manner manner, const uint8_t *bytes,
                       size_t length) {
  uint8_t frame[600] = {(uint8_t)(length >> 8), (uint8_t)length};
  memcpy(frame + 2, bytes, length);
  if (manner != CARD_TWO_WRITES) return card_send(fd, frame, length + 2);
  return card_send(fd, frame, 2) && card_send(fd, frame + 2, length);
}

/* Answers READ BINARY with the bytes asked for, all else with 9000, until the reader
   ends the connection. */
static void card_serve(int fd, enum card_manner manner) {
  uint8_t in[65536], out[512];
  for (;;) {
    if (!card_receive(fd, manner, in, 2)) return;
    size_t length = (size_t)in[0] << 8 | in[1];
    if (!card_receive(fd, manner, in, length)) return;
    if (length < 4) { /* power, reset: only "ATR" (4) is answered */
      if (length != 1 || in[0] != 4) continue;
      if (!card_answer(fd, manner, CARD_ATR, sizeof CARD_ATR)) return;
      continue;
    }
    size_t data = in[1] == 0xb0 && length == 5 ? (in[4] ? in[4] : 256) : 0;
    memset(out, 0x5a, data);
    out[data] = 0x90;
    out[data + 1] = 0x00;
    if (!card_answer(fd, manner, out, data + 2)) return;
  }
}

/* Plugs in to a reader on the loopback; -1 when nobody listens. */
static int card_connect(uint16_t port, enum card_manner manner) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0) return -1;
  if (manner == CARD_QUICK) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return fd;
  close(fd);
  return -1;
}
#endif
