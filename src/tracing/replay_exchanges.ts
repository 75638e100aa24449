/**
 * Recorded exchanges made ready for another run: which command is the same, and what
 * T=0 took apart.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { parseCommand } from "./apdu_reading.ts";
import type { RecordedExchange, RecordedReset } from "./recording.ts";

const INS_GET_RESPONSE = 0xc0;

/**
 * What two commands have in common that are the same: header, data, and Ne where there
 * are no data. Le behind data is left out, since T=0 does not carry it.
 */
export function commandKey(command: Uint8Array): string {
  const form = parseCommand(command);
  if (form === null) return toHex(command);
  const { dataAt, nc, ne } = form;
  const header = toHex(command.subarray(0, 4));
  return nc === 0
    ? `${header} ${ne}`
    : `${header}:${toHex(command.subarray(dataAt, dataAt + nc))}`;
}

/** SW1 of an answer, -1 when there is none. */
function sw1Of({ response }: RecordedExchange): number {
  return response !== null && response.length >= 2
    ? response[response.length - 2]
    : -1;
}

function isGetResponse(
  exchange: RecordedExchange | undefined,
): exchange is RecordedExchange & { response: Uint8Array } {
  return exchange !== undefined && exchange.protocol === "t0" &&
    exchange.command[1] === INS_GET_RESPONSE && exchange.response !== null;
}

/**
 * Puts together what T=0 took apart: the answer of a command that said 61xx gets the
 * data that GET RESPONSE fetched (ISO/IEC 7816-3 12.2). What does T=0 at the card's
 * end makes GET RESPONSE anew.
 */
export function joinGetResponse(reset: RecordedReset): RecordedReset {
  const exchanges: RecordedExchange[] = [];
  const { exchanges: recorded } = reset;
  for (let i = 0; i < recorded.length; i++) {
    let exchange = recorded[i];
    while (exchange.protocol === "t0" && sw1Of(exchange) === 0x61) {
      let next = recorded[i + 1];
      // 6Cxx says how to ask again, and brings nothing.
      while (isGetResponse(next) && sw1Of(next) === 0x6c) {
        next = recorded[++i + 1];
      }
      if (!isGetResponse(next)) break;
      i++;
      const data = exchange.response?.subarray(0, -2) ?? [];
      const response = Uint8Array.of(...data, ...next.response);
      exchange = { ...exchange, response };
    }
    exchanges.push(exchange);
  }
  return { ...reset, exchanges };
}

/** The case of a command (ISO/IEC 7816-3 12.1): 1 no data, 2 data out, 3 data in, 4 both. */
export type ReplayedCase = 1 | 2 | 3 | 4;

/** INS that only send data out, and those with data both ways (ISO/IEC 7816-4). */
const OUTGOING: ReadonlySet<number> = new Set([
  0xb0,
  0xb2,
  0x84,
  0xc0,
  0xca,
]);

function caseOf({ command, response }: RecordedExchange): ReplayedCase {
  const form = parseCommand(command);
  if (form === null) return 3;
  if (form.nc === 0) return form.ne === 0 ? 1 : 2;
  const hasAnswer = form.ne > 0 || (response?.length ?? 0) > 2;
  return hasAnswer ? 4 : 3;
}

/**
 * Which case a T=0 header belongs to, as the recording has it: the header does not
 * say it. Of an instruction that was not recorded ISO/IEC 7816-4 is asked.
 */
export function recordedCase(
  exchanges: readonly RecordedExchange[],
  header: Uint8Array,
): ReplayedCase {
  const sameIns = exchanges.filter(({ command }) => command[1] === header[1]);
  const exact = sameIns.find(({ command }) =>
    (command[4] ?? 0) === header[4] &&
    [0, 2, 3].every((at) => command[at] === header[at])
  );
  const found = exact ?? sameIns[0];
  if (found !== undefined) return caseOf(found);
  return OUTGOING.has(header[1]) ? 2 : 3;
}
