/**
 * The first ATR and the first T=1 exchange of a process.
 *
 * @module
 */

import { parseAtr, T1Session } from "../../src/core/mod.ts";

const atr = parseAtr(Uint8Array.of(0x3b, 0x80, 0x81, 0x11, 0xfe, 0xee));
const session = new T1Session({ ifscBytes: atr.ifscBytes });
const sent = session.begin(Uint8Array.of(0x00, 0xa4, 0x00, 0x00));
const answer = Uint8Array.of(0x00, 0x00, 0x02, 0x90, 0x00, 0x92);
session.machine.receive.set(answer);
const end = session.step(answer.length);
const [sw1] = session.response();
if (!atr.valid || sent !== 8 || end !== 0 || sw1 !== 0x90) {
  throw new Error("Cannot measure: the exchange failed");
}
