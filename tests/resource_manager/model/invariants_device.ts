/**
 * What must hold at every moment, and whenever a request reaches the device.
 *
 * @module
 */

import type { ModelReader } from "./model_reader.ts";
import type { Rules } from "./rules.ts";
import { isNewer, law, owns, type Trace } from "./trace.ts";
import type { Witness } from "./witness.ts";

/** There are never two owners: no two who exclude each other, no two in a transaction. */
export function checkOwners(witness: Witness): void {
  const { device, rules, losses } = witness;
  const open = [...witness.traces.values()].filter((trace) =>
    !trace.ended && trace.device === device
  );
  for (const [index, one] of open.entries()) {
    for (const other of open.slice(index + 1)) {
      law(
        goTogether(rules, one, other),
        () =>
          `connection ${one.number} is ${one.mode}, beside ${other.number}, which is ${other.mode}`,
      );
    }
  }
  const owners = open.filter((trace) => owns(trace, losses));
  law(
    owners.length <= 1,
    () =>
      `connections ${
        owners.map(({ number }) => number)
      } are all in a transaction`,
  );
}

function goTogether({ sharing }: Rules, one: Trace, other: Trace): boolean {
  if (one.mode === null || other.mode === null) return true;
  return sharing[one.mode][other.mode] === "ok" ||
    sharing[other.mode][one.mode] === "ok";
}

/** An APDU reaches the card, or its answer leaves: nobody else is in a transaction. */
export function checkExchange(
  witness: Witness,
  device: ModelReader,
  input: Uint8Array,
): void {
  const sender = senderOf(input);
  const trace = witness.traces.get(sender);
  const { owner } = witness;
  law(
    owner === null || owner === trace || owner.device !== device,
    () => `an APDU of ${sender} comes into the transaction of ${owner?.number}`,
  );
}

/** An APDU reaches the card: its sender has not ended, and knows the card, which was reset after a death. */
export function checkSender(
  witness: Witness,
  device: ModelReader,
  input: Uint8Array,
): void {
  const sender = senderOf(input);
  const trace = witness.traces.get(sender);
  law(trace !== undefined, () => `nobody sent APDU ${sender}`);
  law(
    !trace.ended || trace.mayBeOpen,
    () => `connection ${sender} has ended, and sends an APDU`,
  );
  law(
    !witness.isDirty || device !== witness.device,
    () =>
      `connection ${sender} meets a card that nobody reset after its owner died`,
  );
  const isOld = trace.binding === 0 && trace.device === device &&
    device.state > 1 && isNewer(device, trace.newest);
  law(
    !isOld,
    () => `connection ${sender} reaches a card that it does not know`,
  );
}

function senderOf(input: Uint8Array): number {
  return input[10] << 8 | input[11];
}

/** A reset reaches the card: nobody else is in a transaction. */
export function checkReset(witness: Witness, device: ModelReader): void {
  if (device !== witness.device) return;
  witness.isDirty = false;
  const { owner, now, lastUse } = witness;
  const { idleMs } = witness.rules;
  if (owner === null || owner.device !== device) return;
  // The reset that the idle rule makes is the only one that no call of the owner brings.
  const isIdle = idleMs !== null && now - lastUse >= idleMs;
  law(
    isIdle || owner.binding > 0 ||
      owner.newest.session !== device.session,
    () => `a reset comes into the transaction of ${owner.number}`,
  );
}
