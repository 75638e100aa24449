/*
 * An ATR parser in C, written the usual way: one pass over the bytes into a
 * struct. Does what the core's parser does: TS, interface bytes with their
 * protocols, historical bytes, TCK, and one flag for each deviation that the
 * core reports (ISO/IEC 7816-3 8.2, 8.3).
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"

enum {
  TOO_SHORT = 1 << 0,
  TOO_LONG = 1 << 1,
  BAD_TS = 1 << 2,
  CUT_INTERFACE = 1 << 3,
  CUT_HISTORICAL = 1 << 4,
  MISSING_TCK = 1 << 5,
  BAD_TCK = 1 << 6,
  EXTRA_BYTES = 1 << 7,
  T15_IN_TD1 = 1 << 8,
  ORDER = 1 << 9,
  UNKNOWN_T = 1 << 10,
  T0_BYTES = 1 << 11,
  RFU_FI = 1 << 12,
  RFU_DI = 1 << 13,
  IFSC_00 = 1 << 14,
  IFSC_FF = 1 << 15,
  RFU_BWI = 1 << 16,
  RFU_TC = 1 << 17,
  RFU_TA2 = 1 << 18,
  TA2_NOT_OFFERED = 1 << 19,
  TC2_WITHOUT_T0 = 1 << 20,
  WI_0 = 1 << 21,
  RFU_CLASS = 1 << 22,
  REFUSED = TOO_SHORT | TOO_LONG | BAD_TS | CUT_INTERFACE | CUT_HISTORICAL |
            MISSING_TCK | BAD_TCK | T15_IN_TD1
};

/* Absent values are -1. Thirteen words that the bench compares come first. */
struct atr {
  int32_t problems, valid, convention, protocols, first_offered, fi, di, ifsc,
      historical_length, tck_required, tck, length_used, has_t15;
  int32_t ta1, tb1, tc1, ta2, tb2, tc2, t1_tb, t1_tc, t15_ta, t15_tb;
  int32_t n, wi, bwi, cwi, edc, historical_offset;
  uint8_t historical[15];
};

static const int16_t fi_table[16] = {372, 372,  558,  744,  1116, 1488, 1860, 0,
                                     0,   512,  768,  1024, 1536, 2048, 0,    0};
static const int8_t di_table[16] = {0,  1,  2, 4, 8, 16, 32, 64,
                                    12, 20, 0, 0, 0, 0,  0,  0};

static void judge(struct atr *a) {
  int ta1 = a->ta1 < 0 ? 0x11 : a->ta1;
  a->fi = fi_table[ta1 >> 4];
  a->di = di_table[ta1 & 15];
  a->n = a->tc1 < 0 ? 0 : a->tc1;
  a->wi = a->tc2 < 0 ? 10 : a->tc2;
  a->bwi = a->t1_tb < 0 ? 4 : a->t1_tb >> 4;
  a->cwi = a->t1_tb < 0 ? 13 : a->t1_tb & 15;
  a->edc = a->t1_tc < 0 ? 0 : a->t1_tc & 1;
  if (a->fi == 0) a->problems |= RFU_FI;
  if (a->di == 0) a->problems |= RFU_DI;
  if (a->protocols & 0x7ffc) a->problems |= UNKNOWN_T;
  if (a->ta2 >= 0) {
    if (a->ta2 & 0x60) a->problems |= RFU_TA2;
    if (!(a->protocols >> (a->ta2 & 15) & 1)) a->problems |= TA2_NOT_OFFERED;
  }
  if (a->tc2 >= 0 && !(a->protocols & 1)) a->problems |= TC2_WITHOUT_T0;
  if (a->tc2 == 0) a->problems |= WI_0;
  if (a->ifsc == 0) a->problems |= IFSC_00;
  if (a->ifsc == 255) a->problems |= IFSC_FF;
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
    slot = kind == 0 ? &a->ifsc : kind == 1 ? &a->t1_tb : &a->t1_tc;
  } else if (t == 15 && kind != 2) {
    slot = kind == 0 ? &a->t15_ta : &a->t15_tb;
  } else if (t == 0) {
    a->problems |= T0_BYTES;
  }
  if (slot != NULL && *slot < 0) *slot = value;
}

static void parse(const uint8_t *b, int length, struct atr *a) {
  int at = 2, present, t = 0, last = -1, historical;
  uint8_t sum = 0;
  if (length < 2) {
    a->problems = TOO_SHORT;
    return;
  }
  if (length > 33) a->problems |= TOO_LONG;
  if (b[0] == 0x3b) a->convention = 0;
  else if (b[0] == 0x3f) a->convention = 1;
  else a->problems |= BAD_TS;
  present = b[1] >> 4;
  for (int group = 1; present != 0; group++) {
    for (int kind = 0; kind < 3; kind++) {
      if (!(present >> kind & 1)) continue;
      if (at >= length) goto cut;
      file_byte(a, kind, group, t, b[at++]);
    }
    if (!(present & 8)) break;
    if (at >= length) goto cut;
    t = b[at] & 15;
    present = b[at++] >> 4;
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
  if (a->protocols == 0) a->protocols = 1;
  judge(a);
  a->historical_offset = at;
  historical = b[1] & 15;
  a->historical_length = at + historical > length ? length - at : historical;
  memcpy(a->historical, b + at, (size_t)a->historical_length);
  at += a->historical_length;
  a->length_used = at;
  if (a->historical_length < historical) {
    a->problems |= CUT_HISTORICAL;
    return;
  }
  if (a->tck_required) {
    if (at >= length) {
      a->problems |= MISSING_TCK;
    } else {
      a->tck = b[at++];
      for (int i = 1; i < at; i++) sum ^= b[i];
      if (sum != 0) a->problems |= BAD_TCK;
    }
  }
  a->length_used = at;
  if (at < length) a->problems |= EXTRA_BYTES;
  return;
cut:
  a->protocols = 1;
  a->first_offered = 0;
  a->tck_required = 0;
  a->problems |= CUT_INTERFACE;
}

/* Parses one ATR; returns whether it is valid. */
__attribute__((noinline)) int32_t atr_parse(const uint8_t *bytes,
                                            int32_t length, struct atr *out) {
  memset(out, 0, sizeof *out);
  out->convention = out->ifsc = out->tck = -1;
  out->ta1 = out->tb1 = out->tc1 = out->ta2 = out->tb2 = out->tc2 = -1;
  out->t1_tb = out->t1_tc = out->t15_ta = out->t15_tb = -1;
  out->fi = 372;
  out->di = 1;
  parse(bytes, length, out);
  out->valid = (out->problems & REFUSED) == 0;
  return out->valid;
}

/*
 * `cycles` times over `count` ATRs, which lie one behind the other in slots of
 * 64 bytes (length first), each parsed `repeat` times in a row. Returns ns.
 */
double atr_bench(const uint8_t *atrs, int32_t count, int32_t repeat,
                 int32_t cycles, int32_t *valid) {
  struct atr a;
  int32_t sum = 0;
  double start = now_ns();
  for (int32_t cycle = 0; cycle < cycles; cycle++) {
    for (int32_t i = 0; i < count; i++) {
      const uint8_t *slot = atrs + 64 * i;
      for (int32_t r = 0; r < repeat; r++) {
        sum += atr_parse(slot + 1, slot[0], &a);
      }
    }
  }
  *valid = sum;
  return now_ns() - start;
}
