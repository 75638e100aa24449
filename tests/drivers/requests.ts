/**
 * Requests to a reader device, the way the resource manager sends them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readU32le, toHex, writeU32le } from "../../src/bytes.ts";
import {
  IOCTL_SMARTCARD_GET_STATE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  Irp,
  type ReaderDevice,
  STATUS_PENDING,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";

/** How a request ended. */
export interface Outcome {
  status: number;
  output: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** Sends one request and waits for its end. */
export async function request(
  reader: ReaderDevice,
  ioControlCode: number,
  input: Uint8Array = NOTHING,
  capacityBytes = 0,
): Promise<Outcome> {
  const systemBuffer = new Uint8Array(Math.max(input.length, capacityBytes));
  systemBuffer.set(input);
  const irp = new Irp({
    ioControlCode,
    systemBuffer,
    inputLength: input.length,
    outputLength: capacityBytes,
  });
  let status = await reader.deviceControl(irp);
  if (status === STATUS_PENDING) status = await irp.completion;
  assert.equal(irp.ioStatus.status, status);
  return { status, output: systemBuffer.slice(0, irp.ioStatus.information) };
}

function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}

/** IOCTL_SMARTCARD_POWER with one of the three actions. */
export function power(reader: ReaderDevice, action: number): Promise<Outcome> {
  return request(reader, IOCTL_SMARTCARD_POWER, ulong(action), 33);
}

/** IOCTL_SMARTCARD_SET_PROTOCOL with a mask. */
export function setProtocol(
  reader: ReaderDevice,
  mask: number,
): Promise<Outcome> {
  return request(reader, IOCTL_SMARTCARD_SET_PROTOCOL, ulong(mask), 4);
}

/** IOCTL_SMARTCARD_TRANSMIT of one APDU; `output` is what follows the header. */
export async function transmit(
  reader: ReaderDevice,
  protocol: number,
  apdu: Uint8Array,
  capacityBytes = 8 + 65535,
): Promise<Outcome> {
  const input = new Uint8Array(8 + apdu.length);
  writeU32le(input, 0, protocol);
  writeU32le(input, 4, 8);
  input.set(apdu, 8);
  const { status, output } = await request(
    reader,
    IOCTL_SMARTCARD_TRANSMIT,
    input,
    capacityBytes,
  );
  if (status !== STATUS_SUCCESS) return { status, output };
  assert.equal(readU32le(output, 0), protocol);
  assert.equal(readU32le(output, 4), 8);
  return { status, output: output.slice(8) };
}

/** IOCTL_SMARTCARD_GET_STATE. */
export async function state(reader: ReaderDevice): Promise<number> {
  const got = await request(reader, IOCTL_SMARTCARD_GET_STATE, NOTHING, 4);
  assert.equal(got.status, STATUS_SUCCESS);
  return readU32le(got.output, 0);
}

/** Waits for a card. */
export async function untilPresent(reader: ReaderDevice): Promise<void> {
  const got = await request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  assert.equal(got.status, STATUS_SUCCESS);
}

/** Waits until no card is in. */
export async function untilAbsent(reader: ReaderDevice): Promise<void> {
  const got = await request(reader, IOCTL_SMARTCARD_IS_ABSENT);
  assert.equal(got.status, STATUS_SUCCESS);
}

/** Status in hexadecimal and output, so that a failed comparison can be read. */
export function show(outcome: Outcome): string {
  const status = outcome.status.toString(16).toUpperCase().padStart(8, "0");
  return `${status} ${toHex(outcome.output)}`.trimEnd();
}
