/**
 * What must hold when nothing is under way: the device has answered, no promise can
 * settle any more, and a turn of the event loop has passed.
 *
 * @module
 */

import { type Call, law } from "./trace.ts";
import type { Witness } from "./witness.ts";

/** Nobody is forgotten, no event is lost or doubled, what shows is what is so. */
export function checkQuiet(witness: Witness): void {
  for (const call of witness.pending) {
    if (call.operation.kind === "watch") checkWatch(witness, call);
    else checkWaiting(witness, call);
  }
  checkReader(witness);
}

/** A call waits only for the transaction of another, and that one has begun it and not ended it. */
function checkWaiting(witness: Witness, call: Call): void {
  const say = (text: string) => () =>
    `call ${call.number} (${call.operation.kind}) waits, but ${text}`;
  const { reader, traces } = witness;
  const owner = reader?.lock.owner ?? null;
  law(owner !== null, say("nobody runs a transaction"));
  law(owner !== call.handle?.connection, say("the transaction is its own"));
  const trace = [...traces.values()].find(({ connection }) =>
    connection === owner
  );
  law(trace !== undefined, say("whose transaction runs has no connection"));
  law(
    !trace.ended && trace.begun > 0,
    say(`connection ${trace.number} runs none`),
  );
  const mayWait = call.context !== null &&
    (witness.contexts.has(call.context) || !witness.gone.has(call.context));
  law(
    mayWait || call.operation.kind === "disconnect",
    say("its context has ended"),
  );
}

function checkWatch({ reader, contexts }: Witness, call: Call): void {
  const say = (text: string) => () =>
    `call ${call.number} (watch) waits, but ${text}`;
  law(reader !== null, say("the reader has left"));
  law(contexts.has(call.context ?? -1), say("its context has ended"));
  const { flags, eventCount } = reader.state;
  law(
    call.believed.flags === flags && call.believed.count === eventCount,
    say(`the reader is ${flags.toString(16)} after ${eventCount} events`),
  );
}

const EMPTY = 0x10;
const PRESENT = 0x20;
const EXCLUSIVE = 0x80;
const IN_USE = 0x100;

function checkReader(witness: Witness): void {
  const { reader, device, deaths, traces, rules } = witness;
  if (reader === null || device === null || deaths > 0) return;
  const { flags, eventCount } = reader.state;
  law(
    eventCount === device.events,
    () => `${eventCount} events were counted, ${device.events} happened`,
  );
  const presence = device.state > 1 ? PRESENT : EMPTY;
  law(
    (flags & (PRESENT | EMPTY)) === presence,
    () => `flags ${flags.toString(16)} with the card in state ${device.state}`,
  );
  const isUsed = witness.pending.some(({ operation }) =>
    operation.kind !== "watch"
  );
  if (isUsed || presence === EMPTY) return;
  const open = [...traces.values()].filter((trace) =>
    !trace.ended && trace.device === device
  );
  if (open.some(({ mode }) => mode === null)) return;
  const modes = open.flatMap(({ mode }) => mode ?? []);
  const isExclusive = modes.some((mode) => rules.showsExclusive.includes(mode));
  const expected = isExclusive ? EXCLUSIVE : modes.length > 0 ? IN_USE : 0;
  law(
    (flags & (EXCLUSIVE | IN_USE)) === expected,
    () => `flags ${flags.toString(16)} with connections ${modes}`,
  );
}
