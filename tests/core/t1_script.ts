/**
 * Exchanges of T=1 in a short notation, played against a session.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  type Core,
  crc,
  type CrcVariant,
  lrc,
  Machine,
  MACHINE_DONE,
  MACHINE_TRANSFER,
  machineErrorName,
  type T1Options,
  T1Session,
} from "../../src/core/mod.ts";

const PCB: Record<string, number> = {
  "RESYNCH?": 0xc0,
  "RESYNCH!": 0xe0,
  "IFS?": 0xc1,
  "IFS!": 0xe1,
  "ABORT?": 0xc2,
  "ABORT!": 0xe2,
  "WTX?": 0xc3,
  "WTX!": 0xe3,
};

/**
 * A block in the notation of these tests: `I00 9000` is I(N(S)=0, M=0) with that
 * INF, `R1` is R(1), `R1e2` the same with error 2, `IFS? FE` an S-request and
 * `IFS! FE` its response, `raw HEX` bytes as they are, `-` silence.
 */
export function block(
  notation: string,
  variant: CrcVariant | null,
): Uint8Array {
  if (notation === "-") return new Uint8Array(0);
  const [name, hex = ""] = notation.split(" ");
  if (name === "raw") return fromHex(hex);
  const inf = fromHex(hex);
  let pcb = PCB[name];
  if (name[0] === "I" && pcb === undefined) {
    pcb = Number(name[1]) << 6 | Number(name[2]) << 5;
  } else if (name[0] === "R" && pcb === undefined) {
    pcb = 0x80 | Number(name[1]) << 4 | Number(name[3] ?? 0);
  }
  const body = Uint8Array.of(0, pcb, inf.length, ...inf);
  if (variant === null) return Uint8Array.of(...body, lrc(body));
  const check = crc(body, variant);
  return Uint8Array.of(...body, check >> 8, check & 0xff);
}

/** Plays `> block < block ...` for one command; returns the response in hex, or the error's name. */
export function play(
  session: T1Session,
  command: string,
  script: string,
  variant: CrcVariant | null = null,
): string {
  const { send, receive } = session.machine;
  let event = session.start(fromHex(command));
  for (const part of script.match(/[<>][^<>]*/g) ?? []) {
    assert.equal(
      event,
      MACHINE_TRANSFER,
      `${script}: ${machineErrorName(event)} before ${part}`,
    );
    const expected = block(part.slice(1).trim(), variant);
    if (part[0] === ">") {
      const sent = send.slice(0, session.build());
      assert.equal(toHex(sent), toHex(expected), `${script}: at ${part}`);
    } else {
      receive.set(expected);
      event = session.digest(expected.length);
    }
  }
  if (event === MACHINE_DONE) return toHex(session.response());
  return machineErrorName(event);
}

/** A session in a slot of `core`. */
export function session(core: Core, options?: T1Options): T1Session {
  return new T1Session(options, new Machine(core));
}
