/**
 * Commands beside ISCardISO7816 that files and secrets need
 * (ISO/IEC 7816-4 11.6, ISO/IEC 7816-9).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";
import { assertRange, type CommandApdu } from "./command_apdu.ts";

/** CREATE FILE (E0) in the current DF. @param template FCP template 62 */
export function createFile(cla: number, template: Uint8Array): CommandApdu {
  return { cla, ins: 0xe0, p1: 0, p2: 0, data: template };
}

/** DELETE FILE (E4), the current one. */
export function deleteFile(cla: number): CommandApdu {
  return { cla, ins: 0xe4, p1: 0, p2: 0 };
}

/** DEACTIVATE FILE (04), the current one; formerly INVALIDATE. */
export function deactivateFile(cla: number): CommandApdu {
  return { cla, ins: 0x04, p1: 0, p2: 0 };
}

/** ACTIVATE FILE (44), the current one; formerly REHABILITATE. */
export function activateFile(cla: number): CommandApdu {
  return { cla, ins: 0x44, p1: 0, p2: 0 };
}

/** VERIFY (20) with P1 = FF: the verification is forgotten. */
export function forgetVerification(
  cla: number,
  reference: number,
): CommandApdu {
  assertRange(reference, 0, 0xff, "P2");
  return { cla, ins: 0x20, p1: 0xff, p2: reference };
}

/** CHANGE REFERENCE DATA (24): the old value and the new one, or the new one alone (P1 = 01). */
export function changeReferenceData(
  cla: number,
  reference: number,
  previous: Uint8Array | null,
  next: Uint8Array,
): CommandApdu {
  const p1 = previous === null ? 0x01 : 0x00;
  return secret(cla, 0x24, p1, reference, [previous, next]);
}

/**
 * RESET RETRY COUNTER (2C); P1 tells which values there are: 00 both, 01 the resetting code
 * alone, 02 the new value alone, 03 none.
 */
export function resetRetryCounter(
  cla: number,
  reference: number,
  resettingCode: Uint8Array | null,
  next: Uint8Array | null,
): CommandApdu {
  const p1 = (resettingCode === null ? 2 : 0) | (next === null ? 1 : 0);
  return secret(cla, 0x2c, p1, reference, [resettingCode, next]);
}

function secret(
  cla: number,
  ins: number,
  p1: number,
  p2: number,
  values: readonly (Uint8Array | null)[],
): CommandApdu {
  assertRange(p2, 0, 0xff, "P2");
  const parts = values.map((value) => value ?? NO_BYTES);
  const data = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { cla, ins, p1, p2, data, secret: true };
}
