/**
 * Inner loops over many bytes, with vectors. Twin of `kernels.ts`.
 *
 * @module
 */

/** XOR of the bytes of `sum`. */
function fold(sum: u64): i32 {
  let half: u32 = (sum ^ (sum >> 32)) as u32;
  half ^= half >> 16;
  half ^= half >> 8;
  return (half & 0xff) as i32;
}

/** XOR of `length` bytes. */
export function xorOf(address: i32, length: i32): i32 {
  let at: i32 = address;
  let sum: u64 = 0;
  if (length >= 16) {
    const vectors: i32 = address + (length & ~15);
    let wide: v128 = v128.load(at);
    for (at += 16; at < vectors; at += 16) {
      wide = v128.xor(wide, v128.load(at));
    }
    sum = v128.extract_lane<u64>(wide, 0) ^ v128.extract_lane<u64>(wide, 1);
  }
  if ((length & 8) != 0) {
    sum ^= load<u64>(at);
    at += 8;
  }
  if ((length & 4) != 0) {
    sum ^= load<u32>(at) as u64;
    at += 4;
  }
  if ((length & 2) != 0) {
    sum ^= load<u16>(at) as u64;
    at += 2;
  }
  if ((length & 1) != 0) sum ^= load<u8>(at) as u64;
  return fold(sum);
}

/** Copies `length` bytes between places that do not overlap, and gives their XOR. */
export function copyXor(target: i32, source: i32, length: i32): i32 {
  let at: i32 = 0;
  let sum: u64 = 0;
  if (length >= 16) {
    const vectors: i32 = length & ~15;
    let wide: v128 = v128.load(source);
    v128.store(target, wide);
    for (at = 16; at < vectors; at += 16) {
      const next: v128 = v128.load(source + at);
      v128.store(target + at, next);
      wide = v128.xor(wide, next);
    }
    sum = v128.extract_lane<u64>(wide, 0) ^ v128.extract_lane<u64>(wide, 1);
  }
  if ((length & 8) != 0) {
    const next: u64 = load<u64>(source + at);
    store<u64>(target + at, next);
    sum ^= next;
    at += 8;
  }
  if ((length & 4) != 0) {
    const next: u32 = load<u32>(source + at);
    store<u32>(target + at, next);
    sum ^= next as u64;
    at += 4;
  }
  if ((length & 2) != 0) {
    const next: u32 = load<u16>(source + at) as u32;
    store<u16>(target + at, next as u16);
    sum ^= next as u64;
    at += 2;
  }
  if ((length & 1) != 0) {
    const next: u32 = load<u8>(source + at) as u32;
    store<u8>(target + at, next as u8);
    sum ^= next as u64;
  }
  return fold(sum);
}

/** Up to here a loop is faster than `memory.copy`, which leaves the module. */
const SHORT = 512;

/** Copies `length` bytes between places that do not overlap. */
export function copy(target: i32, source: i32, length: i32): void {
  if (length > SHORT) {
    memory.copy(target, source, length);
    return;
  }
  let at: i32 = 0;
  for (; at + 16 <= length; at += 16) {
    v128.store(target + at, v128.load(source + at));
  }
  if ((length & 8) != 0) {
    store<u64>(target + at, load<u64>(source + at));
    at += 8;
  }
  if ((length & 4) != 0) {
    store<u32>(target + at, load<u32>(source + at));
    at += 4;
  }
  if ((length & 2) != 0) {
    store<u16>(target + at, load<u16>(source + at));
    at += 2;
  }
  if ((length & 1) != 0) store<u8>(target + at, load<u8>(source + at));
}

/** Sets `count` words, a multiple of four, to `value`. */
export function fill32(address: i32, value: i32, count: i32): void {
  const wide: v128 = v128.splat<i32>(value);
  const end: i32 = address + 4 * count;
  for (let at: i32 = address; at < end; at += 16) v128.store(at, wide);
}
