/**
 * Linear memory for the core run as plain TypeScript. Twin of `mem.as.ts`, which
 * the build puts in its place.
 *
 * @module
 */

import { MEMORY_PAGES } from "./abi.ts";

/** The bytes that stand for linear memory. */
export const MEMORY = new Uint8Array(MEMORY_PAGES * 65536);

/** Reads a byte. */
export function ld8(address: i32): i32 {
  return MEMORY[address];
}

/** Writes the low byte of `value`. */
export function st8(address: i32, value: i32): void {
  MEMORY[address] = value as u8;
}

/** Reads an unsigned 16-bit number. */
export function ld16(address: i32): i32 {
  return MEMORY[address] | (MEMORY[address + 1] << 8);
}

/** Writes the low 16 bits of `value`. */
export function st16(address: i32, value: i32): void {
  MEMORY[address] = value as u8;
  MEMORY[address + 1] = (value >>> 8) as u8;
}

/** Reads an i32. */
export function ld32(address: i32): i32 {
  return MEMORY[address] | (MEMORY[address + 1] << 8) |
    (MEMORY[address + 2] << 16) | (MEMORY[address + 3] << 24);
}

/** Writes an i32. */
export function st32(address: i32, value: i32): void {
  MEMORY[address] = value as u8;
  MEMORY[address + 1] = (value >>> 8) as u8;
  MEMORY[address + 2] = (value >>> 16) as u8;
  MEMORY[address + 3] = (value >>> 24) as u8;
}

const VIEW = new DataView(MEMORY.buffer);

/** Writes a double. */
export function st64f(address: i32, value: f64): void {
  VIEW.setFloat64(address, value, true);
}
