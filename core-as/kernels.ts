/**
 * Inner loops over many bytes, for the core run as plain TypeScript. Twin of
 * `kernels.as.ts`, which the build puts in its place.
 *
 * @module
 */

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
