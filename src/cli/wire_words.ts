/**
 * What passes between reader and card, in words.
 *
 * @module
 */

import { DI_TABLE, FI_TABLE } from "../core/mod.ts";

const S_BLOCKS: Readonly<Record<number, string>> = {
  0: "RESYNCH",
  1: "IFS",
  2: "ABORT",
  3: "WTX",
};

/** A T=1 block in words: `I(0,1): 32 bytes, more follow`, `R(1): repeat, check error`, `S(IFS request 254)`. */
export function describeT1Block(block: Uint8Array): string {
  if (block.length < 4) return "incomplete block";
  const [, pcb, length] = block;
  if ((pcb & 0x80) === 0) {
    const more = pcb >> 5 & 1;
    return `I(${pcb >> 6 & 1},${more}): ${length} bytes${
      more === 1 ? ", more follow" : ""
    }`;
  }
  if ((pcb & 0x40) === 0) {
    const error = ["", ", check error", ", other error", ", reserved"][pcb & 3];
    return `R(${pcb >> 4 & 1}): ${
      (pcb & 3) === 0 ? "go on" : "repeat"
    }${error}`;
  }
  const kind = S_BLOCKS[pcb & 0x1f] ?? `type ${pcb & 0x1f}`;
  const value = length === 1 ? ` ${block[3]}` : "";
  return `S(${kind} ${(pcb & 0x20) === 0 ? "request" : "response"}${value})`;
}

/** A PPS request or response in words. */
export function describePps(bytes: Uint8Array): string {
  if (bytes.length < 3) return "incomplete PPS";
  const protocol = `T=${bytes[1] & 15}`;
  if ((bytes[1] & 0x10) === 0) return `PPS: ${protocol}, speed unchanged`;
  const { f } = FI_TABLE[bytes[2] >> 4];
  return `PPS: ${protocol}, F = ${f}, D = ${DI_TABLE[bytes[2] & 15]}`;
}

/** Characters of the card in T=0: a procedure byte and what follows it. */
export function describeT0Answer(bytes: Uint8Array, ins: number): string {
  const first = bytes[0];
  const rest = bytes.length - 1;
  if (first === undefined) return "silence";
  if (first === 0x60) return "NULL: wait";
  if (first === ins) {
    return rest === 0
      ? "ACK: send the data"
      : `ACK, ${Math.max(rest - 2, 0)} bytes, status`;
  }
  if (first === (ins ^ 0xff)) return "~ACK: one byte";
  return describeStatus(bytes.subarray(-2));
}

/** SW1 SW2 in words. */
export function describeStatus(sw: Uint8Array): string {
  const [sw1, sw2] = sw;
  if (sw1 === 0x90 && sw2 === 0) return "done";
  if (sw1 === 0x61) return `${sw2 || 256} bytes are ready`;
  if (sw1 === 0x6c) return `ask for ${sw2 || 256} bytes`;
  if (sw1 === 0x63 && (sw2 & 0xf0) === 0xc0) {
    return `wrong, ${sw2 & 15} tries left`;
  }
  return sw1 >= 0x62 && sw1 <= 0x63 ? "warning" : "refused";
}
