/**
 * A virtual reader whose floors are all traced.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type InsertableCard,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../src/drivers/virtual/mod.ts";
import {
  type ReaderDevice,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  STATUS_SUCCESS,
} from "../../src/smclib/mod.ts";
import {
  traceCallbacks,
  traceDevice,
  type TraceEvent,
  traceLink,
  type Tracer,
} from "../../src/tracing/mod.ts";
import { power, setProtocol, transmit } from "../drivers/requests.ts";

/** The reader's name in the events. */
export const READER = "Reader 0";

/** A reader with `card` in it, all of whose floors tell `tracer`. */
export function tracedReader(
  tracer: Tracer,
  card: InsertableCard,
  options: VirtualReaderOptions = {},
): { reader: VirtualReader; device: ReaderDevice } {
  const reader = new VirtualReader({
    ...options,
    wrapLink: (link) => traceLink(link, tracer, READER),
  });
  traceCallbacks(reader.extension, tracer, READER);
  reader.insert(card);
  return { reader, device: traceDevice(reader, tracer, READER) };
}

/** Resets the card and chooses a protocol. @returns the ATR */
export async function connect(
  device: ReaderDevice,
  protocol: "t0" | "t1",
  action: number = SCARD_COLD_RESET,
): Promise<string> {
  const reset = await power(device, action);
  assert.equal(reset.status, STATUS_SUCCESS);
  const chosen = await setProtocol(device, mask(protocol));
  assert.equal(chosen.status, STATUS_SUCCESS);
  return toHex(reset.output);
}

function mask(protocol: "t0" | "t1"): number {
  return protocol === "t0" ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
}

/** Sends a command in hexadecimal. @returns the answer in hexadecimal */
export async function send(
  device: ReaderDevice,
  protocol: "t0" | "t1",
  command: string | Uint8Array,
): Promise<string> {
  const bytes = typeof command === "string" ? fromHex(command) : command;
  const { output } = await transmit(device, mask(protocol), bytes);
  return toHex(output);
}

/** A sink that keeps events. */
export function eventList(): {
  events: TraceEvent[];
  write: (event: TraceEvent) => void;
} {
  const events: TraceEvent[] = [];
  return { events, write: (event) => events.push(event) };
}
