/**
 * Blanks PIN data in whole commands.
 *
 * @module
 */

import { parseCommand } from "./apdu_reading.ts";
import { BLANK, CommandScanner } from "./command_scanner.ts";
import type { PinTreatment } from "./tracer.ts";

/** Bytes as they go into a trace. */
export interface Blanked {
  /** A copy. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether bytes were replaced. */
  readonly blanked: boolean;
}

/** A copy of `bytes` in which those with `isSecret` are replaced. */
export function blankWhere(
  bytes: Uint8Array,
  isSecret: (byte: number, index: number) => boolean,
): Blanked {
  const copy = new Uint8Array(bytes);
  let blanked = false;
  for (let i = 0; i < copy.length; i++) {
    if (!isSecret(bytes[i], i)) continue;
    copy[i] = BLANK;
    blanked = true;
  }
  return { bytes: copy, blanked };
}

/** A whole command that `scanner` reads; of a malformed one with PIN data the four bytes of its header stay. */
export function blankWhole(
  command: Uint8Array,
  scanner: CommandScanner,
): Blanked {
  scanner.begin();
  const read = blankWhere(command, (byte) => scanner.next(byte));
  if (!scanner.hasPin || parseCommand(command) !== null) return read;
  return blankWhere(command, (_, index) => index >= 4);
}

/** Blanks the commands of one card. */
export class CommandBlanker {
  readonly #scanner: CommandScanner | null;

  /** @param pins whether it blanks at all */
  constructor(pins: PinTreatment) {
    this.#scanner = pins === "blank" ? new CommandScanner() : null;
  }

  /** A C-APDU. `hasPin`: the data of its answer are to be blanked, too. */
  command(command: Uint8Array): Blanked & { hasPin: boolean } {
    if (this.#scanner === null) {
      return { bytes: new Uint8Array(command), blanked: false, hasPin: false };
    }
    const blanked = blankWhole(command, this.#scanner);
    return { ...blanked, hasPin: this.#scanner.hasPin };
  }

  /** Its R-APDU, which tells whether a sequence of ENVELOPEs goes on; empty when there was none. */
  response(response: Uint8Array): void {
    const sw = response.subarray(-2);
    this.#scanner?.end(sw.length < 2 ? null : sw[0] << 8 | sw[1]);
  }
}
