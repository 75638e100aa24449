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
    let wide: v128 = i32x4.splat(0);
    // Each turn of a loop costs as much as a vector.
    for (const fours: i32 = length & ~63; at < fours; at += 64) {
      const first: v128 = v128.load(source + at);
      const second: v128 = v128.load(source + at, 16);
      const third: v128 = v128.load(source + at, 32);
      const fourth: v128 = v128.load(source + at, 48);
      v128.store(target + at, first);
      v128.store(target + at, second, 16);
      v128.store(target + at, third, 32);
      v128.store(target + at, fourth, 48);
      wide = v128.xor(
        wide,
        v128.xor(v128.xor(first, second), v128.xor(third, fourth)),
      );
    }
    for (const vectors: i32 = length & ~15; at < vectors; at += 16) {
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

/**
 * Brings `length` bytes, 64 or more, down to 16 bytes at `target` that have the same
 * remainder modulo x16+x12+x5+1; bytes behind the last multiple of 16 are left out,
 * and `start` is added to the first two. The powers of the polynomial by 2, 4, 8 ... are
 * as sparse as it is: bytes vanish when they are added again 16, 44 and 64 places on.
 */
export function foldCcitt(
  target: i32,
  start: i32,
  address: i32,
  length: i32,
): void {
  const zero: v128 = i32x4.splat(0);
  let a: v128 = v128.xor(
    v128.load(address),
    i32x4.replace_lane(zero, 0, start),
  );
  let b: v128 = v128.load(address + 16);
  let c: v128 = v128.load(address + 32);
  let d: v128 = v128.load(address + 48);
  const end: i32 = address + (length & ~15);
  for (let at: i32 = address + 64; at < end; at += 16) {
    const gone: v128 = a;
    a = v128.xor(b, gone);
    // 44 places on: the first four bytes end one vector, the others begin the next.
    // deno-fmt-ignore
    b = v128.xor(c, v128.shuffle<u8>(zero, gone, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19));
    // deno-fmt-ignore
    c = v128.xor(d, v128.shuffle<u8>(gone, zero, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 16));
    d = v128.xor(v128.load(at), gone);
  }
  // 64 bytes to 32: eight of them count again 8, 22 and 32 places on.
  const w0: u64 = v128.extract_lane<u64>(a, 0);
  const w1: u64 = v128.extract_lane<u64>(a, 1) ^ w0;
  const w2: u64 = v128.extract_lane<u64>(b, 0) ^ w1 ^ (w0 << 48);
  const w3: u64 = v128.extract_lane<u64>(b, 1) ^ w2 ^ (w1 << 48) ^ (w0 >> 16);
  const w4: u64 = v128.extract_lane<u64>(c, 0) ^ w3 ^ (w2 << 48) ^
    (w1 >> 16) ^ w0;
  const w5: u64 = v128.extract_lane<u64>(c, 1) ^ (w3 << 48) ^ (w2 >> 16) ^ w1;
  const w6: u64 = v128.extract_lane<u64>(d, 0) ^ (w3 >> 16) ^ w2;
  const w7: u64 = v128.extract_lane<u64>(d, 1) ^ w3;
  // 32 bytes to 16: four of them count again 4, 11 and 16 places on.
  const x0: u32 = w4 as u32;
  const x1: u32 = (w4 >> 32) as u32 ^ x0;
  const x2: u32 = w5 as u32 ^ x1 ^ (x0 << 24);
  const x3: u32 = (w5 >> 32) as u32 ^ x2 ^ (x1 << 24) ^ (x0 >> 8);
  store<u32>(target, w6 as u32 ^ x3 ^ (x2 << 24) ^ (x1 >> 8) ^ x0);
  store<u32>(
    target + 4,
    (w6 >> 32) as u32 ^ (x3 << 24) ^ (x2 >> 8) ^ x1,
  );
  store<u32>(target + 8, w7 as u32 ^ (x3 >> 8) ^ x2);
  store<u32>(target + 12, (w7 >> 32) as u32 ^ x3);
}
