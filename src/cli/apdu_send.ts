/**
 * One command, with what T=0 wants behind it (ISO/IEC 7816-3 12.2.1).
 *
 * @module
 */

import type { MaybePromise } from "../bytes.ts";
import {
  type ConnectionBackend,
  MAX_RESPONSE_BYTES,
  SCARD_PROTOCOL_T0,
} from "../resource_manager/mod.ts";
import { CliError } from "./exit_codes.ts";

const SW1_MORE = 0x61;
const SW1_WRONG_LE = 0x6C;
const INS_GET_RESPONSE = 0xC0;
const CHAINING = 0x10;
/** Header and Le. */
const CASE_2_BYTES = 5;
/** A card that tells of more so often has no end. */
const MAX_EXCHANGES = 1024;

/** What of a connection is needed. */
type Sender = Pick<ConnectionBackend, "activeProtocol" | "transmit">;

/**
 * Sends a command. Under T=0 one that is answered 6Cxx is sent again with that Le, and
 * what 61xx tells of is fetched with GET RESPONSE.
 *
 * @returns the whole answer
 * @throws {CliError} when the card tells of more without end
 */
export async function sendCommand(
  connection: Sender,
  command: Uint8Array,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const send = (bytes: Uint8Array): MaybePromise<Uint8Array> =>
    connection.transmit(bytes, { signal });
  let answer = await send(command);
  if (connection.activeProtocol !== SCARD_PROTOCOL_T0) return answer;
  if (sw1(answer) === SW1_WRONG_LE && command.length === CASE_2_BYTES) {
    const again = command.slice();
    again[CASE_2_BYTES - 1] = answer[answer.length - 1];
    answer = await send(again);
  }
  if (command[1] === INS_GET_RESPONSE) return answer;
  const data: number[] = [];
  for (let count = 0; sw1(answer) === SW1_MORE; count++) {
    data.push(...answer.subarray(0, -2));
    if (count === MAX_EXCHANGES || data.length > MAX_RESPONSE_BYTES) {
      throw new CliError(
        "refused",
        `Cannot fetch the answer: ${data.length} bytes and more found, expected ${MAX_RESPONSE_BYTES} at most`,
      );
    }
    const cla = command[0] < 0x80 ? command[0] & ~CHAINING : command[0];
    const ne = answer[answer.length - 1];
    answer = await send(Uint8Array.of(cla, INS_GET_RESPONSE, 0, 0, ne));
  }
  return Uint8Array.of(...data, ...answer);
}

function sw1(answer: Uint8Array): number {
  return answer[answer.length - 2];
}
