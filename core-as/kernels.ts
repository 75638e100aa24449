/**
 * Inner loops over many bytes, for the core run as plain TypeScript. Twin of
 * `kernels.as.ts`, which the build puts in its place.
 *
 * @module
 */

import { BUFFER_BYTES } from "./abi.ts";
import { MEMORY, st32 } from "./mem.ts";

/** XOR of `length` bytes. */
export function xorOf(address: i32, length: i32): i32 {
  let sum: i32 = 0;
  for (let at: i32 = address; at < address + length; at++) sum ^= MEMORY[at];
  return sum;
}

/** Copies `length` bytes between places that do not overlap, and gives their XOR. */
export function copyXor(target: i32, source: i32, length: i32): i32 {
  copy(target, source, length);
  return xorOf(source, length);
}

/** Copies `length` bytes between places that do not overlap. */
export function copy(target: i32, source: i32, length: i32): void {
  MEMORY.copyWithin(target, source, source + length);
}

/** Sets `count` words, a multiple of four, to `value`. */
export function fill32(address: i32, value: i32, count: i32): void {
  for (let word: i32 = 0; word < count; word++) {
    st32(address + 4 * word, value);
  }
}

/** Makes `count` bytes from `at` on vanish, by adding them again `near`, `middle` and `far` places on. */
function cancel(
  at: i32,
  count: i32,
  near: i32,
  middle: i32,
  far: i32,
): void {
  for (let i: i32 = at; i < at + count; i++) {
    const gone: i32 = FOLDING[i];
    FOLDING[i + near] ^= gone as u8;
    FOLDING[i + middle] ^= gone as u8;
    FOLDING[i + far] ^= gone as u8;
  }
}

/** Room for the bytes that are folded. */
const FOLDING = new Uint8Array(BUFFER_BYTES + 64);

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
  const whole: i32 = length & ~15;
  for (let i: i32 = 0; i < whole; i++) FOLDING[i] = MEMORY[address + i];
  FOLDING[0] ^= start as u8;
  FOLDING[1] ^= (start >> 8) as u8;
  cancel(0, whole - 64, 16, 44, 64);
  cancel(whole - 64, 32, 8, 22, 32);
  cancel(whole - 32, 16, 4, 11, 16);
  for (let i: i32 = 0; i < 16; i++) {
    MEMORY[target + i] = FOLDING[whole - 16 + i];
  }
}
