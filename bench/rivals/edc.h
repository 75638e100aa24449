/*
 * The check bytes of T=1 the usual way: a loop over the bytes for LRC, one table
 * for the CRC of ISO/IEC 13239 (ISO/IEC 7816-3 11.4.4).
 */
#ifndef EDC_H
#define EDC_H
#include <stdint.h>

static uint16_t crc_table[256];

static void crc_init(void) {
  for (int i = 0; i < 256; i++) {
    unsigned r = (unsigned)i;
    for (int bit = 0; bit < 8; bit++) r = r & 1 ? r >> 1 ^ 0x8408 : r >> 1;
    crc_table[i] = (uint16_t)r;
  }
}

static uint8_t lrc(const uint8_t *bytes, int length) {
  uint8_t sum = 0;
  for (int i = 0; i < length; i++) sum ^= bytes[i];
  return sum;
}

static uint16_t crc(const uint8_t *bytes, int length) {
  uint16_t r = 0xffff;
  for (int i = 0; i < length; i++) {
    r = (uint16_t)(r >> 8 ^ crc_table[(r ^ bytes[i]) & 0xff]);
  }
  return r ^ 0xffff;
}
#endif
