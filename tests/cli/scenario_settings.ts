/**
 * What a scripted exchange shows of addresses and of the check bytes in use, as
 * `rule@where`.
 *
 * @module
 */

import { fromHex } from "../../src/bytes.ts";
import { crcVariant, type Scenario } from "../../src/cli/scenarios.ts";
import { checkBytes, type OracleCheck } from "../oracle/t1_check.ts";
import type { Turn } from "./scenario_walk.ts";

const CHECKS: readonly OracleCheck[] = [
  "LRC",
  "13239",
  "no-complement",
  "arc-faulty",
  "arc",
  "zero-start",
];

/** Whether the block ends with the check bytes of this kind. */
function bears(check: OracleCheck, block: Uint8Array): boolean {
  const bytes = check === "LRC" ? 1 : 2;
  const body = block.subarray(0, block.length - bytes);
  return body[2] === body.length - 3 &&
    checkBytes(check, body).every((byte, i) => byte === block[body.length + i]);
}

/**
 * Where `edc`, `auto` and `nad` are shown: `edc` by the check bytes of all the reader's
 * blocks, `auto` by those of its last one (which may fit arc and arc-faulty both), `nad`
 * by its addresses and by wrong ones of the card.
 */
export function settingsIn(
  { edc, nad, commands }: Scenario,
  turns: readonly Turn[][] | null,
): Set<string> {
  const hosts = commands.flatMap(({ steps }) =>
    steps.map(({ host_hex }) => fromHex(host_hex))
  );
  const last = hosts[hosts.length - 1];
  const variant = crcVariant(edc) ?? "LRC";
  const tags = CHECKS.filter((check) =>
    variant === "auto"
      ? bears(check, last)
      : check === variant && hosts.every((block) => bears(check, block))
  ).map((check) => `${variant === "auto" ? "auto" : "edc"}@${check}`);
  if (nad === undefined || turns === null) return new Set(tags);
  const [own] = fromHex(nad);
  const cards = (own & 0x07) << 4 | own >> 4 & 0x07;
  for (const { sent, came, answer } of turns.flat()) {
    if (sent.bytes[0] === own) tags.push(`nad@${sent.is[0]}`);
    if (came === "invalid" && answer[0] !== cards) tags.push("nad@invalid");
  }
  return new Set(tags);
}
