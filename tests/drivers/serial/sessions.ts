/**
 * What the tests of the serial reader do over and over.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  type ReaderDevice,
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T1,
  statusName,
} from "../../../src/smclib/mod.ts";
import { power, setProtocol, transmit } from "../requests.ts";

/** Resets the card and chooses a protocol of `mask`. @returns the one chosen */
export async function connect(
  reader: ReaderDevice,
  mask: number,
): Promise<number> {
  const reset = await power(reader, SCARD_COLD_RESET);
  assert.equal(statusName(reset.status), "STATUS_SUCCESS");
  const chosen = await setProtocol(reader, mask);
  assert.equal(statusName(chosen.status), "STATUS_SUCCESS");
  return chosen.output[0];
}

/** Sends a command. @returns the response in hexadecimal, or the name of the error */
export async function exchange(
  reader: ReaderDevice,
  protocol: number,
  command: string,
): Promise<string> {
  const { status, output } = await transmit(reader, protocol, fromHex(command));
  const name = statusName(status);
  return name === "STATUS_SUCCESS" ? toHex(output) : name;
}

/** Counts up `length` bytes in hexadecimal. */
export function counted(length: number): string {
  return toHex(Uint8Array.from({ length }, (_, index) => index));
}

/** ECHO of the test card with `data`, short or extended, over T=1; P1 and P2 ask for time. */
export function echoCommand(data: string, p1p2 = "0000"): string {
  const length = data.length / 2;
  const lc = length < 256
    ? length.toString(16).padStart(2, "0")
    : `00${length.toString(16).padStart(4, "0")}`;
  return `8010${p1p2}${lc}${data}${length < 256 ? "00" : "0000"}`;
}

/** Lets the card take bytes of every kind, tell what it took, and give some: all must be right. */
export async function useTestCard(
  reader: ReaderDevice,
  protocol: number,
): Promise<void> {
  const send = (command: string) => exchange(reader, protocol, command);
  assert.equal(await send("802400000600FF03A55A3F"), "9000");
  assert.equal(
    await send("8026000004"),
    "00063C5F9000".replace("3C5F", digest("00FF03A55A3F")),
  );
  assert.equal(await send("8020000000"), `${counted(256)}9000`);
  assert.equal(await send("80300000"), "9000");
  if (protocol === SCARD_PROTOCOL_T1) {
    assert.equal(await send(echoCommand(counted(300))), `${counted(300)}9000`);
  }
}

/** Exclusive OR and sum, as the test card tells them. */
function digest(hex: string): string {
  let [mixed, sum] = [0, 0];
  for (const byte of fromHex(hex)) {
    mixed ^= byte;
    sum += byte;
  }
  return toHex(Uint8Array.of(mixed, sum));
}
