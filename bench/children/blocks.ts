/**
 * A million T=1 blocks in whole exchanges, by `begin`, `step` and `copyResponse`, for
 * each check, two sizes of the information field, and long and short commands: prints
 * what that takes from the heap, as JSON. Wants
 * `--v8-flags=--expose-gc` and a young generation in which no collection falls due.
 *
 * @module
 */

import { checkMeasurement, usage, warmUp } from "./heap_usage.ts";
import { MACHINE_DONE, T1Session } from "../../src/core/mod.ts";
import { asWords, deliver, playback } from "../playback.ts";
import { block, EXCHANGES, record } from "../t1_recording.ts";

/** Blocks of a run, both directions. */
const BLOCKS = 1_000_000;
function blocksRun(
  ifsBytes: number,
  withCrc: boolean,
  bytes: number,
): () => void {
  const { command, card, reader } = record(ifsBytes, withCrc, bytes);
  const response = new Uint8Array(bytes);
  const { words, lengths } = playback(card);
  const session = new T1Session({
    ifscBytes: ifsBytes,
    edc: withCrc ? "CRC" : "LRC",
    crcVariant: "13239",
  });
  const receive = asWords(session.machine.receive);
  if (ifsBytes !== 32) {
    session.startIfs(ifsBytes);
    session.build();
    const answer = block(0xe1, Uint8Array.of(ifsBytes), withCrc);
    session.machine.receive.set(answer);
    session.digest(answer.length);
  }
  const cycles = Math.ceil(BLOCKS / (card.length + reader.length));
  return () => {
    for (let cycle = 0; cycle < cycles; cycle++) {
      let at = 0;
      for (let exchange = 0; exchange < EXCHANGES; exchange++) {
        let length = session.begin(command);
        while (length > 0) {
          deliver(receive, words[at]);
          length = session.step(lengths[at++]);
        }
        if (
          length !== MACHINE_DONE ||
          session.copyResponse(response, 0) !== bytes
        ) {
          throw new Error("Cannot measure: T=1 failed");
        }
      }
    }
  };
}

const runs = [[254, 4096], [32, 4096], [32, 32]].flatMap(([ifsBytes, bytes]) =>
  [false, true].map((withCrc) => blocksRun(ifsBytes, withCrc, bytes))
);
// All before any is measured: they share the core's code.
for (const run of runs) await warmUp(run);
await checkMeasurement(BLOCKS);
console.log(JSON.stringify({ blocks: BLOCKS, usages: runs.map(usage) }));
