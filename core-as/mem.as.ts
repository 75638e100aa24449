/**
 * Linear memory for the compiled core. Twin of `mem.ts`.
 *
 * @module
 */

/** Reads a byte. */
export function ld8(address: i32): i32 {
  return load<u8>(address) as i32;
}

/** Writes the low byte of `value`. */
export function st8(address: i32, value: i32): void {
  store<u8>(address, value);
}

/** Reads an unsigned 16-bit number. */
export function ld16(address: i32): i32 {
  return load<u16>(address) as i32;
}

/** Writes the low 16 bits of `value`. */
export function st16(address: i32, value: i32): void {
  store<u16>(address, value);
}

/** Reads an i32. */
export function ld32(address: i32): i32 {
  return load<i32>(address);
}

/** Writes an i32. */
export function st32(address: i32, value: i32): void {
  store<i32>(address, value);
}

/** Up to here a loop is faster than `memory.copy`, which leaves the module. */
const SHORT = 64;

/** Copies `length` bytes between places that do not overlap. */
export function copy(target: i32, source: i32, length: i32): void {
  if (length > SHORT) {
    memory.copy(target, source, length);
    return;
  }
  let at: i32 = 0;
  for (; at + 8 <= length; at += 8) {
    store<u64>(target + at, load<u64>(source + at));
  }
  for (; at < length; at++) store<u8>(target + at, load<u8>(source + at));
}
