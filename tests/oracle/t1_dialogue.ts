/**
 * Dialogues of T=1 in writing, for the tests of the oracle's reader: the reader's block,
 * the card's, the reader's..., separated by "|", with the outcome at the end.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type OracleStep,
  type OracleT1Options,
  OracleT1Reader,
} from "./t1_reader.ts";

/** A reader with an LRC, IFSC 32 and no announcement, but for what `options` say. */
export function reader(options: Partial<OracleT1Options> = {}): OracleT1Reader {
  return new OracleT1Reader({
    ifscBytes: 32,
    ifsdBytes: 0,
    check: "LRC",
    nad: 0,
    profile: "iso",
    afterResynch: "rerun",
    maxWtx: 8,
    ...options,
  });
}

/** Bytes from hex digits of either case. */
export function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Upper-case hex digits. */
export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("")
    .toUpperCase();
}

const S_PCB: Record<string, number> = {
  "RESYNCH?": 0xc0,
  "IFS?": 0xc1,
  "ABORT?": 0xc2,
  "WTX?": 0xc3,
  "RESYNCH!": 0xe0,
  "IFS!": 0xe1,
  "ABORT!": 0xe2,
  "WTX!": 0xe3,
};

/**
 * The block written as "I01 00A4" (N(S)=0, M=1), "R1e2", "WTX? 03", "RESYNCH!", with an
 * LRC; "-" is silence, and "bad" at the end spoils the LRC.
 */
export function written(text: string): Uint8Array {
  if (text === "-") return new Uint8Array();
  const spoilt = text.endsWith(" bad");
  const [head, inf = ""] = text.replace(" bad", "").split(" ");
  let pcb = S_PCB[head];
  if (head[0] === "I") pcb ??= Number(head[1]) * 0x40 + Number(head[2]) * 0x20;
  if (head[0] === "R") {
    pcb ??= 0x80 + Number(head[1]) * 0x10 + Number(head[3] ?? 0);
  }
  const block = [0, pcb, inf.length / 2, ...bytes(inf)];
  const lrc = block.reduce((xor, byte) => xor ^ byte);
  return Uint8Array.of(...block, spoilt ? lrc ^ 0x55 : lrc);
}

/** Begins the job written as "command 00A4000C", "ifs FE", "resynch", "abort". */
export function begin(reader: OracleT1Reader, job: string): OracleStep {
  const [name, argument = ""] = job.split(" ");
  if (name === "command") return reader.command(bytes(argument));
  if (name === "ifs") return reader.ifs(parseInt(argument, 16));
  return name === "resynch" ? reader.resynch() : reader.abort();
}

/**
 * Plays `dialogue`, "job | reader's | card's | ... | outcome", the outcome being
 * "done 9000" or "failed reset"; a dialogue that ends in a block of the reader leaves the
 * job unfinished.
 */
export function play(reader: OracleT1Reader, dialogue: string): void {
  const [job, ...parts] = dialogue.split("|").map((part) => part.trim());
  let step = begin(reader, job);
  for (let i = 0; i < parts.length; i += 2) {
    const [host, card] = [parts[i], parts[i + 1]];
    if (step.kind !== "send") {
      const end = step.kind === "done" ? hex(step.response) : step.reason;
      assert.equal(`${step.kind} ${end}`.trim(), host, `${dialogue}: ${i}`);
      assert.equal(card, undefined, `${dialogue}: the job ended early`);
      return;
    }
    const sent = hex(step.block);
    assert.ok(
      /^(done|failed)/.test(host) === false,
      `${dialogue}: sent ${sent}`,
    );
    assert.equal(sent, hex(written(host)), `${dialogue}: ${i} ${host}`);
    const wtx = host.startsWith("WTX!") ? parseInt(host.slice(5), 16) : 0;
    assert.equal(step.wtx, wtx, `${dialogue}: ${i} wtx`);
    if (card === undefined) return;
    step = reader.receive(written(card));
  }
  assert.fail(`${dialogue}: nothing expected after the card's last block`);
}
