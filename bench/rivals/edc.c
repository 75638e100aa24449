/*
 * LRC and CRC in C, each called many times on the same bytes. The barrier makes the
 * compiler take the bytes for changed, so that no call is left out or moved.
 */
#include "clock.h"
#include "edc.h"

static void changed(const uint8_t *bytes) {
  __asm__ volatile("" : : "r"(bytes) : "memory");
}

int32_t edc_lrc(const uint8_t *bytes, int32_t length) {
  return lrc(bytes, length);
}

int32_t edc_crc(const uint8_t *bytes, int32_t length) {
  crc_init();
  return crc(bytes, length);
}

/* `times` calls; the XOR of what they gave goes to `sink`. Returns ns. */
double lrc_bench(const uint8_t *bytes, int32_t length, int32_t times,
                 int32_t *sink) {
  int32_t sum = 0;
  double start = now_ns();
  for (int32_t i = 0; i < times; i++) {
    changed(bytes);
    sum ^= lrc(bytes, length);
  }
  *sink = sum;
  return now_ns() - start;
}

double crc_bench(const uint8_t *bytes, int32_t length, int32_t times,
                 int32_t *sink) {
  int32_t sum = 0;
  crc_init();
  double start = now_ns();
  for (int32_t i = 0; i < times; i++) {
    changed(bytes);
    sum ^= crc(bytes, length);
  }
  *sink = sum;
  return now_ns() - start;
}
