/*
 * An ATR parser in C, written the usual way: one pass over the bytes into a
 * struct. Does what the core's parser does: TS, interface bytes with their
 * protocols, historical bytes, TCK, factors, and one flag for each deviation that
 * the core reports (ISO/IEC 7816-3 8.2, 8.3).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"

enum {
  BAD_TS = 0x1,
  TOO_SHORT = 0x2,
  TOO_LONG = 0x4,
  CUT_INTERFACE = 0x8,
  CUT_HISTORICAL = 0x10,
  MISSING_TCK = 0x20,
  BAD_TCK = 0x40,
  EXTRA_BYTES = 0x80,
  T15_IN_TD1 = 0x100,
  UNKNOWN_T = 0x200,
  T0_BYTES = 0x400,
  RFU_FI = 0x800,
  RFU_DI = 0x1000,
  IFSC_00 = 0x2000,
  IFSC_FF = 0x4000,
  RFU_TA2 = 0x8000,
  TA2_NOT_OFFERED = 0x10000,
  TC2_WITHOUT_T0 = 0x20000,
  WI_0 = 0x40000,
  RFU_BWI = 0x80000,
  RFU_CLASS = 0x100000,
  ORDER = 0x200000,
  RFU_TC = 0x400000
};

/* Absent values are -1. The words stand in the order of ATR_COLUMNS. */
struct atr {
  int32_t convention, ta1, tb1, tc1, ta2, tb2, tc2, t1_ta, t1_tb, t1_tc;
  int32_t t15_ta, t15_tb, tck, has_t15, td1, td2;
  int32_t problems, protocols, first_offered, historical, historical_length;
  int32_t tck_required, length_used, fi, di;
};

static const int16_t fi_table[16] = {372, 372,  558,  744,  1116, 1488, 1860, 0,
                                     0,   512,  768,  1024, 1536, 2048, 0,    0};
static const int8_t di_table[16] = {0,  1,  2, 4, 8, 16, 32, 64,
                                    12, 20, 0, 0, 0, 0,  0,  0};

static void judge(struct atr *a) {
  if (a->ta1 >= 0) {
    a->fi = fi_table[a->ta1 >> 4];
    a->di = di_table[a->ta1 & 15];
    if (a->fi == 0) a->problems |= RFU_FI;
    if (a->di == 0) a->problems |= RFU_DI;
  }
  if (a->protocols & 0x7ffc) a->problems |= UNKNOWN_T;
  if (a->ta2 >= 0) {
    if (a->ta2 & 0x60) a->problems |= RFU_TA2;
    if (!(a->protocols >> (a->ta2 & 15) & 1)) a->problems |= TA2_NOT_OFFERED;
  }
  if (a->tc2 >= 0 && !(a->protocols & 1)) a->problems |= TC2_WITHOUT_T0;
  if (a->tc2 == 0) a->problems |= WI_0;
  if (a->t1_ta == 0) a->problems |= IFSC_00;
  if (a->t1_ta == 255) a->problems |= IFSC_FF;
  if (a->t1_tb > 0x9f) a->problems |= RFU_BWI;
  if (a->t1_tc > 1) a->problems |= RFU_TC;
  if (a->t15_ta >= 0) {
    int supply = a->t15_ta & 0x3f;
    if (supply == 0 || supply == 5 || supply > 7) a->problems |= RFU_CLASS;
  }
}

static void file_byte(struct atr *a, int kind, int group, int t, int value) {
  int32_t *slot = NULL;
  if (group == 1) {
    slot = kind == 0 ? &a->ta1 : kind == 1 ? &a->tb1 : &a->tc1;
  } else if (group == 2) {
    slot = kind == 0 ? &a->ta2 : kind == 1 ? &a->tb2 : &a->tc2;
  } else if (t == 1) {
    slot = kind == 0 ? &a->t1_ta : kind == 1 ? &a->t1_tb : &a->t1_tc;
  } else if (t == 15 && kind != 2) {
    slot = kind == 0 ? &a->t15_ta : &a->t15_tb;
  } else if (t == 0) {
    a->problems |= T0_BYTES;
  }
  if (slot != NULL && *slot < 0) *slot = value;
}

/* Interface bytes; returns where they end, -1 when the ATR ends before. */
static int interface_bytes(const uint8_t *b, int length, struct atr *a) {
  int at = 2, present = b[1] >> 4, t = 0, last = -1;
  for (int group = 1; present != 0; group++) {
    for (int kind = 0; kind < 3; kind++) {
      if (!(present >> kind & 1)) continue;
      if (at >= length) return -1;
      file_byte(a, kind, group, t, b[at++]);
    }
    if (!(present & 8)) break;
    if (at >= length) return -1;
    int td = b[at++];
    if (group == 1) a->td1 = td;
    if (group == 2) a->td2 = td;
    t = td & 15;
    present = td >> 4;
    if (t < last) a->problems |= ORDER;
    last = t;
    if (t != 0) a->tck_required = 1;
    if (t == 15) {
      a->has_t15 = 1;
      if (group == 1) a->problems |= T15_IN_TD1;
    } else {
      if (a->protocols == 0) a->first_offered = t;
      a->protocols |= 1 << t;
    }
  }
  return at;
}

static void parse(const uint8_t *b, int length, struct atr *a) {
  memset(a, 0xff, sizeof *a);
  a->problems = a->first_offered = a->tck_required = 0;
  a->historical = a->historical_length = 0;
  a->fi = 372;
  a->di = 1;
  a->protocols = 1;
  a->length_used = length;
  if (length < 2) {
    a->problems = TOO_SHORT;
    return;
  }
  if (length > 33) a->problems |= TOO_LONG;
  if (b[0] == 0x3b) a->convention = 0;
  else if (b[0] == 0x3f) a->convention = 1;
  else a->problems |= BAD_TS;
  a->protocols = 0;
  int at = interface_bytes(b, length, a);
  if (a->protocols == 0) a->protocols = 1;
  judge(a);
  if (at < 0) {
    a->historical = length;
    a->problems |= CUT_INTERFACE;
    return;
  }
  int historical = b[1] & 15;
  a->historical = at;
  if (at + historical > length) {
    a->historical_length = length - at;
    a->problems |= CUT_HISTORICAL;
    return;
  }
  a->historical_length = historical;
  at += historical;
  if (a->tck_required) {
    if (at >= length) {
      a->problems |= MISSING_TCK;
    } else {
      uint8_t sum = 0;
      a->tck = b[at++];
      for (int i = 1; i < at; i++) sum ^= b[i];
      if (sum != 0) a->problems |= BAD_TCK;
    }
  }
  a->length_used = at;
  if (at < length) a->problems |= EXTRA_BYTES;
}

/* Packed ATRs, each a byte of length and its bytes, into rows. */
void atr_parse_all(const uint8_t *packed, int32_t length, struct atr *rows) {
  for (int32_t at = 0; at < length; at += 1 + packed[at]) {
    parse(packed + at + 1, packed[at], rows++);
  }
}

/* `cycles` times all of them into rows. Returns ns. */
double atr_bench_all(const uint8_t *packed, int32_t length, int32_t cycles,
                     struct atr *rows) {
  double start = now_ns();
  for (int32_t cycle = 0; cycle < cycles; cycle++) {
    atr_parse_all(packed, length, rows);
    __asm__ volatile("" : : "r"(rows) : "memory");
  }
  return now_ns() - start;
}

/* `cycles` times over all of them, each parsed `repeat` times in a row. Returns ns. */
double atr_bench(const uint8_t *packed, int32_t length, int32_t repeat,
                 int32_t cycles, int32_t *problems) {
  struct atr a;
  int32_t sum = 0;
  double start = now_ns();
  for (int32_t cycle = 0; cycle < cycles; cycle++) {
    for (int32_t at = 0; at < length; at += 1 + packed[at]) {
      for (int32_t r = 0; r < repeat; r++) {
        parse(packed + at + 1, packed[at], &a);
        __asm__ volatile("" : : "r"(&a) : "memory");
        sum ^= a.problems;
      }
    }
  }
  *problems = sum;
  return now_ns() - start;
}
