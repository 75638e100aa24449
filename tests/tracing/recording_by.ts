/**
 * Recordings by hand.
 *
 * @module
 */

import { fromHex } from "../../src/bytes.ts";
import type { Recording } from "../../src/tracing/mod.ts";

/** A recording by hand: for each reset its ATR and pairs of command and answer; an empty answer is silence. */
export function recordingBy(
  ...resets: [atr: string, ...pairs: [command: string, answer: string][]][]
): Recording {
  return {
    reader: "r",
    isTruncated: false,
    resets: resets.map(([atr, ...pairs]) => ({
      reset: "cold",
      atr: fromHex(atr),
      exchanges: pairs.map(([command, answer]) => ({
        protocol: "t1",
        command: fromHex(command),
        response: answer === "" ? null : fromHex(answer),
        status: answer === "" ? "STATUS_IO_TIMEOUT" : "STATUS_SUCCESS",
      })),
    })),
  };
}
