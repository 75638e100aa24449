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

/** Writes a double. */
export function st64f(address: i32, value: f64): void {
  store<f64>(address, value);
}
