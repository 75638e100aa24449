/**
 * What a card does with commands, whatever protocol carries them.
 *
 * @module
 */
import { chain, type MaybePromise } from "../bytes.ts";

/** The longest C-APDU: 4 + 3 + 65 535 + 2 bytes (ISO/IEC 7816-3 12.1). */
export const MAX_COMMAND_BYTES = 65_544;

/** How slow a command is, told before it runs. */
export interface CardWaitingTime {
  /** Multiplier of BWT that S(WTX request) asks for under T=1, 1..255. */
  readonly multiplier: number;
  /** S(WTX request) blocks under T=1, NULL bytes under T=0. */
  readonly times: number;
}

/** The case of a command in the sense of ISO/IEC 7816-3 12.1: 1 no data, 2 data out, 3 data in, 4 both. */
export type CommandCase = 1 | 2 | 3 | 4;

/** A card application: complete C-APDUs in, complete R-APDUs out. */
export interface CardApplication {
  /**
   * Runs one command.
   *
   * @param command the C-APDU; may be malformed, answered by a status then. It
   * is the application's to keep and to change, also while a promise is
   * pending and after; only its ArrayBuffer may hold other commands, too.
   * @returns the R-APDU, SW1 SW2 at its end; not to be changed before the next
   * command or reset
   */
  process(command: Uint8Array): MaybePromise<Uint8Array>;

  /** The card was reset: what does not survive a reset is forgotten. */
  reset(): void;

  /**
   * Which case the header CLA INS P1 P2 P3 of T=0 belongs to, because the
   * header does not say whether P3 bytes come in or go out. `header` is valid
   * during the call and not to be changed. Absent: {@linkcode isoCommandCase}.
   */
  commandCase?(header: Uint8Array): CommandCase;

  /** How slow this command will be; null or absent: it is not. */
  waitingTime?(command: Uint8Array): CardWaitingTime | null;
}

/** INS that only send data out: READ BINARY, READ RECORD, GET CHALLENGE, GET RESPONSE, GET DATA. */
const OUTGOING = new Set([0xb0, 0xb2, 0x84, 0xc0, 0xca]);

/** INS with data in both directions: SELECT, ENVELOPE, authentication, and the odd forms that carry data objects. */
const BOTH = new Set([
  0xa4,
  0xc2,
  0xc3,
  0x82,
  0x86,
  0x87,
  0x88,
  0x2a,
  0x46,
  0x47,
  0xb1,
  0xb3,
  0xcb,
  0xa0,
  0xa2,
]);

/** The case that ISO/IEC 7816-4 gives to an instruction; unknown ones count as case 3. */
export function isoCommandCase(header: Uint8Array): CommandCase {
  if (OUTGOING.has(header[1])) return 2;
  return BOTH.has(header[1]) ? 4 : 3;
}

/** SW 6F00, what an application's own failure becomes on the wire. */
const NO_PRECISE_DIAGNOSIS = 0x6f00;

/** SW1 SW2 as two bytes. */
function statusBytes(status: number): Uint8Array {
  return Uint8Array.of(status >> 8, status & 0xff);
}

/** Runs a command so that nothing is thrown and the answer always ends with a status: a failing application is answered 6F00. */
export function runApplication(
  application: CardApplication,
  command: Uint8Array,
): MaybePromise<Uint8Array> {
  try {
    const result = chain(application.process(command), checked);
    return result instanceof Promise ? result.catch(failed) : result;
  } catch {
    return failed();
  }
}

function checked(response: Uint8Array): Uint8Array {
  const isResponse = response instanceof Uint8Array && response.length >= 2;
  return isResponse ? response : failed();
}

function failed(): Uint8Array {
  return statusBytes(NO_PRECISE_DIAGNOSIS);
}

/** The waiting time that an application wants for the command that `commandOf` gives; a failing or nonsensical answer counts as none. */
export function waitingTimeOf(
  application: CardApplication,
  commandOf: () => Uint8Array,
): CardWaitingTime | null {
  try {
    const time = application.waitingTime?.(commandOf()) ?? null;
    if (time === null || !(time.times > 0 && time.times <= 255)) return null;
    return time.multiplier >= 1 && time.multiplier <= 255 ? time : null;
  } catch {
    return null;
  }
}
