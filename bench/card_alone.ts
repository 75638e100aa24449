/**
 * The virtual card without a reader: what it takes of the time of a whole exchange.
 *
 * @module
 */

import { fromHex } from "../src/bytes.ts";
import { createCard } from "../src/cards/mod.ts";
import { type Contender, synchronous } from "./harness.ts";
import { ANSWER_BYTES, COMMAND, type Protocol, SELECT } from "./house.ts";
import { block } from "./t1_recording.ts";

/** T=1 prologue and LRC around a field. */
const T1_FRAME_BYTES = 4;

/** The card executes the command of the bench; characters in, characters out. */
export function cardAlone(protocol: Protocol): Contender {
  const card = createCard(undefined, { protocols: [protocol] });
  let came = 0;
  card.attach((bytes) => came += bytes.length);
  card.reset("cold");
  const exchange = protocol === "t1" ? t1Exchange() : t0Exchange();
  // The reader of the house announces the same.
  if (protocol === "t1") card.receive(block(0xc1, Uint8Array.of(254), false));
  for (const command of SELECT) {
    for (const bytes of exchange(fromHex(command))) card.receive(bytes);
  }
  // The second T=1 block has the other number.
  const turns = [exchange(COMMAND), exchange(COMMAND)];
  const wanted = protocol === "t1"
    ? ANSWER_BYTES + T1_FRAME_BYTES
    : ANSWER_BYTES + 1;
  let turn = 0;
  return synchronous("the card at its contacts", () => {
    came = 0;
    for (const bytes of turns[turn]) card.receive(bytes);
    turn ^= 1;
    if (came !== wanted) {
      throw new Error(`Cannot measure: ${came} characters, expected ${wanted}`);
    }
  });
}

function t1Exchange(): (command: Uint8Array) => Uint8Array[] {
  let number = 1;
  return (command) => [block((number ^= 1) << 6, command, false)];
}

/** Header, then data, as the procedure byte INS asks for them. */
function t0Exchange(): (command: Uint8Array) => Uint8Array[] {
  return (command) =>
    command.length > 5
      ? [command.subarray(0, 5), command.subarray(5)]
      : [command];
}
