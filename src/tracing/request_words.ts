/**
 * Input and output of requests in words.
 *
 * @module
 */

import { hex32, readU32le } from "../bytes.ts";
import * as smclib from "../smclib/mod.ts";
import { describeCommand, describeResponse } from "./apdu_words.ts";
import { describeAtr } from "./atr_reading.ts";

/** Names that share their value with a newer one. */
const OLD_NAMES: ReadonlySet<string> = new Set([
  "SCARD_ATTR_ASYNC_PROTOCOL_TYPES",
]);

/** Symbols by value of those exports of the driver library whose name begins so. */
function symbols(prefix: string): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const [name, value] of Object.entries(smclib)) {
    if (!name.startsWith(prefix) || typeof value !== "number") continue;
    if (!OLD_NAMES.has(name)) found.set(value, name);
  }
  return found;
}

const ATTRIBUTES = symbols("SCARD_ATTR_");
const CALLBACKS = symbols("RDF_");
const ACTIONS = ["POWER_DOWN", "COLD_RESET", "WARM_RESET"];
const STATES = [
  "UNKNOWN",
  "ABSENT",
  "PRESENT",
  "SWALLOWED",
  "POWERED",
  "NEGOTIABLE",
  "SPECIFIC",
];
const PROTOCOLS: readonly (readonly [mask: number, name: string])[] = [
  [smclib.SCARD_PROTOCOL_T0, "T0"],
  [smclib.SCARD_PROTOCOL_T1, "T1"],
  [smclib.SCARD_PROTOCOL_RAW, "RAW"],
  [smclib.SCARD_PROTOCOL_DEFAULT, "DEFAULT"],
];
const ULONG_BYTES = 4;

/** `RDF_TRANSMIT` and so on, or `RDF 12`. */
export function callbackName(slot: number): string {
  return CALLBACKS.get(slot) ?? `RDF ${slot}`;
}

/** Where the APDU begins in the input or output of TRANSMIT: behind SCARD_IO_REQUEST; at the end when there is none. */
export function apduOffset(bytes: Uint8Array): number {
  if (bytes.length < smclib.SCARD_IO_REQUEST_LENGTH) return bytes.length;
  return Math.min(readU32le(bytes, ULONG_BYTES), bytes.length);
}

/** A protocol mask: `T0|T1`. */
function describeMask(mask: number): string {
  const names = PROTOCOLS.filter(([bit]) => (mask & bit) !== 0)
    .map(([, name]) => name);
  const rest = PROTOCOLS.reduce((rest, [bit]) => rest & ~bit, mask) >>> 0;
  if (rest !== 0) names.push(hex32(rest));
  return names.length === 0 ? "UNDEFINED" : names.join("|");
}

function describeTag(tag: number): string {
  return ATTRIBUTES.get(tag) ?? hex32(tag);
}

/** Printable bytes as text, four bytes as a number. */
function describeValue(value: Uint8Array): string {
  const isText = value.length > 0 &&
    value.every((byte) => byte >= 0x20 && byte <= 0x7e);
  if (isText) return JSON.stringify(String.fromCharCode(...value));
  return value.length === ULONG_BYTES ? `${readU32le(value, 0)}` : "";
}

/** The input of a request in words: power action, protocol mask, attribute, C-APDU. */
export function describeInput(code: number, input: Uint8Array): string {
  if (code === smclib.IOCTL_SMARTCARD_TRANSMIT) {
    const protocol = input.length < ULONG_BYTES
      ? ""
      : `${describeMask(readU32le(input, 0))} `;
    return protocol + describeCommand(input.subarray(apduOffset(input)));
  }
  if (input.length < ULONG_BYTES) return "";
  const first = readU32le(input, 0);
  switch (code) {
    case smclib.IOCTL_SMARTCARD_POWER:
      return ACTIONS[first] ?? `action ${first}`;
    case smclib.IOCTL_SMARTCARD_SET_PROTOCOL:
      return describeMask(first);
    case smclib.IOCTL_SMARTCARD_GET_ATTRIBUTE:
      return describeTag(first);
    case smclib.IOCTL_SMARTCARD_SET_ATTRIBUTE:
      return `${describeTag(first)} ${
        describeValue(input.subarray(ULONG_BYTES))
      }`.trimEnd();
    default:
      return "";
  }
}

/** The output of a request that succeeded in words: ATR, protocol, state, value, R-APDU. */
export function describeOutput(code: number, output: Uint8Array): string {
  if (output.length === 0) return "";
  switch (code) {
    case smclib.IOCTL_SMARTCARD_TRANSMIT:
      return describeResponse(output.subarray(apduOffset(output)));
    case smclib.IOCTL_SMARTCARD_POWER:
      return describeAtr(output);
    case smclib.IOCTL_SMARTCARD_GET_ATTRIBUTE:
      return describeValue(output);
  }
  if (output.length < ULONG_BYTES) return "";
  const value = readU32le(output, 0);
  switch (code) {
    case smclib.IOCTL_SMARTCARD_SET_PROTOCOL:
      return describeMask(value);
    case smclib.IOCTL_SMARTCARD_GET_STATE:
      return STATES[value] ?? `state ${value}`;
    case smclib.IOCTL_SMARTCARD_GET_LAST_ERROR:
      return smclib.statusName(value);
    default:
      return "";
  }
}
