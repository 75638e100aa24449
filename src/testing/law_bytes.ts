/**
 * Bytes of requests, and words for messages.
 *
 * @module
 */

import { toHex, writeU32le } from "../bytes.ts";
import { SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1 } from "../smclib/mod.ts";
import type { LawProtocol } from "./law.ts";

/** A ULONG, little-endian. */
export function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}

/** The bit of a protocol. */
export function protocolBit(protocol: LawProtocol): number {
  return protocol === "t0" ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
}

/** A command as TRANSMIT wants it. */
export function withHeader(
  protocol: number,
  command: Uint8Array,
  pciBytes = 8,
): Uint8Array {
  const bytes = new Uint8Array(8 + command.length);
  writeU32le(bytes, 0, protocol);
  writeU32le(bytes, 4, pciBytes);
  bytes.set(command, 8);
  return bytes;
}

const STATES = [
  "UNKNOWN",
  "ABSENT",
  "PRESENT",
  "SWALLOWED",
  "POWERED",
  "NEGOTIABLE",
  "SPECIFIC",
];

/** The name of a reader state. */
export function stateName(state: number): string {
  return STATES[state] ?? String(state);
}

const SHOWN_BYTES = 24;

/** Bytes for a message. */
export function shown(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing";
  const text = toHex(bytes.subarray(0, SHOWN_BYTES), " ");
  return bytes.length > SHOWN_BYTES
    ? `${text} ... (${bytes.length} bytes)`
    : text;
}
