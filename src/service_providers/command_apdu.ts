/**
 * Command APDUs as values, and as bytes (ISO/IEC 7816-3 12.1, ISO/IEC 7816-4 5.1).
 *
 * @module
 */

import { NO_BYTES } from "../bytes.ts";

/** Most command data bytes of a short command. */
export const MAX_SHORT_NC = 255;
/** Most response bytes that a short command can ask for. */
export const MAX_SHORT_NE = 256;
/** Most command data bytes of an extended command. */
export const MAX_EXTENDED_NC = 65_535;
/** Most response bytes that an extended command can ask for. */
export const MAX_EXTENDED_NE = 65_536;

/** A command, not yet in bytes; what ISCardCmd holds. */
export interface CommandApdu {
  /** Class byte. */
  readonly cla: number;
  /** Instruction byte. */
  readonly ins: number;
  /** First parameter. */
  readonly p1: number;
  /** Second parameter. */
  readonly p2: number;
  /** Command data, at most 65 535 bytes; none when absent or empty. */
  readonly data?: Uint8Array;
  /** Most response bytes wanted, up to 65 536; absent or 0: no response data. */
  readonly ne?: number;
  /** Extended length also where short would do. */
  readonly extended?: boolean;
  /** The data are secret: bytes made of them are wiped after use. */
  readonly secret?: boolean;
}

/** Whether the command is, or has to be, of extended length. */
export function isExtended({ data, ne = 0, extended }: CommandApdu): boolean {
  const nc = data?.length ?? 0;
  if (nc > MAX_SHORT_NC || ne > MAX_SHORT_NE) return true;
  return extended === true && (nc > 0 || ne > 0);
}

/**
 * The bytes of a command; short where it can be, unless it asks to be extended.
 *
 * @throws {RangeError} when a field is out of range
 */
export function encodeCommand(command: CommandApdu): Uint8Array<ArrayBuffer> {
  checkCommand(command);
  const { cla, ins, p1, p2, data = NO_BYTES, ne = 0 } = command;
  const header = [cla, ins, p1, p2];
  const nc = data.length;
  const body = isExtended(command) ? extendedBody(nc, ne) : shortBody(nc, ne);
  const bytes = new Uint8Array(4 + body.lc.length + nc + body.le.length);
  bytes.set(header);
  bytes.set(body.lc, 4);
  bytes.set(data, 4 + body.lc.length);
  bytes.set(body.le, 4 + body.lc.length + nc);
  return bytes;
}

interface LengthFields {
  readonly lc: readonly number[];
  readonly le: readonly number[];
}

/** The largest Ne is coded as zero. */
function shortBody(nc: number, ne: number): LengthFields {
  return { lc: nc > 0 ? [nc] : [], le: ne > 0 ? [ne & 0xff] : [] };
}

function extendedBody(nc: number, ne: number): LengthFields {
  const lc = nc > 0 ? [0, nc >> 8, nc & 0xff] : [];
  if (ne === 0) return { lc, le: [] };
  const le = [ne >> 8 & 0xff, ne & 0xff];
  return { lc, le: nc > 0 ? le : [0, ...le] };
}

/**
 * The command in these bytes.
 *
 * @param bytes 4 to 65 544 bytes; the data of the result are a view of them
 * @throws {RangeError} when they are no command of any case
 */
export function parseCommand(bytes: Uint8Array): CommandApdu {
  if (bytes.length < 4) throw malformed(bytes.length, "4 at least");
  const [cla, ins, p1, p2] = bytes;
  const header = { cla, ins, p1, p2 };
  const length = bytes.length - 4;
  if (length === 0) return header;
  const first = bytes[4];
  if (length === 1) return { ...header, ne: first || MAX_SHORT_NE };
  if (first !== 0) {
    const data = bytes.subarray(5, 5 + first);
    if (length === 1 + first) return { ...header, data };
    if (length !== 2 + first) {
      throw malformed(bytes.length, `${5 + first} or ${6 + first}`);
    }
    return { ...header, data, ne: bytes[5 + first] || MAX_SHORT_NE };
  }
  return { ...header, ...parseExtended(bytes), extended: true };
}

function parseExtended(bytes: Uint8Array): Partial<CommandApdu> {
  if (bytes.length < 7) throw malformed(bytes.length, "5, or 7 and more");
  const second = bytes[5] << 8 | bytes[6];
  if (bytes.length === 7) return { ne: second || MAX_EXTENDED_NE };
  const end = 7 + second;
  const data = bytes.subarray(7, end);
  if (second > 0 && bytes.length === end) return { data };
  if (second === 0 || bytes.length !== end + 2) {
    throw malformed(bytes.length, `${end} or ${end + 2}, and Lc above zero`);
  }
  const ne = bytes[end] << 8 | bytes[end + 1];
  return { data, ne: ne || MAX_EXTENDED_NE };
}

function malformed(found: number, expected: string): RangeError {
  return new RangeError(
    `Cannot read a command: ${found} bytes found, expected ${expected}`,
  );
}

function checkCommand(command: CommandApdu): void {
  for (const field of ["cla", "ins", "p1", "p2"] as const) {
    assertRange(command[field], 0, 0xff, field.toUpperCase());
  }
  assertRange(command.data?.length ?? 0, 0, MAX_EXTENDED_NC, "Nc");
  assertRange(command.ne ?? 0, 0, MAX_EXTENDED_NE, "Ne");
}

/**
 * Checks a number that becomes part of a command.
 *
 * @param what for the message
 * @throws {RangeError} unless it is an integer from `from` to `to`
 */
export function assertRange(
  value: number,
  from: number,
  to: number,
  what: string,
): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw new RangeError(
    `Cannot build a command: ${what} is ${value}, expected ${from} to ${to}`,
  );
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x04, "DEACTIVATE FILE"],
  [0x0e, "ERASE BINARY"],
  [0x0f, "ERASE BINARY"],
  [0x20, "VERIFY"],
  [0x24, "CHANGE REFERENCE DATA"],
  [0x2c, "RESET RETRY COUNTER"],
  [0x44, "ACTIVATE FILE"],
  [0x70, "MANAGE CHANNEL"],
  [0x82, "EXTERNAL AUTHENTICATE"],
  [0x84, "GET CHALLENGE"],
  [0x88, "INTERNAL AUTHENTICATE"],
  [0xa4, "SELECT"],
  [0xb0, "READ BINARY"],
  [0xb1, "READ BINARY"],
  [0xb2, "READ RECORD"],
  [0xc0, "GET RESPONSE"],
  [0xc2, "ENVELOPE"],
  [0xca, "GET DATA"],
  [0xcb, "GET DATA"],
  [0xd0, "WRITE BINARY"],
  [0xd1, "WRITE BINARY"],
  [0xd2, "WRITE RECORD"],
  [0xd6, "UPDATE BINARY"],
  [0xd7, "UPDATE BINARY"],
  [0xda, "PUT DATA"],
  [0xdc, "UPDATE RECORD"],
  [0xe0, "CREATE FILE"],
  [0xe2, "APPEND RECORD"],
  [0xe4, "DELETE FILE"],
]);

/** The name of the instruction by ISO/IEC 7816-4 and -9, for messages: `READ BINARY`. */
export function commandName({ cla, ins }: CommandApdu): string {
  const isInterindustry = (cla & 0x80) === 0;
  const name = isInterindustry ? NAMES.get(ins) : undefined;
  return name ?? `command ${hexByte(cla)} ${hexByte(ins)}`;
}

function hexByte(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, "0");
}
