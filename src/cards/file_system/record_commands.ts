/**
 * READ, UPDATE and APPEND RECORD (ISO/IEC 7816-4 11.4).
 *
 * @module
 */
import type { CardCommand } from "../apdu.ts";
import { deliver } from "./binary_commands.ts";
import type { RecordFile } from "./files.ts";
import type { CardSession } from "./session.ts";
import { fail, SW } from "./status_words.ts";

/** P2 b3..b1: what P1 means. */
const MODE = {
  FIRST: 0,
  LAST: 1,
  NEXT: 2,
  PREVIOUS: 3,
  NUMBER: 4,
  FROM_NUMBER: 5,
  DOWN_TO_NUMBER: 6,
} as const;

/** One record, or all from P1 to the last, or from the last to P1. */
export function readRecord(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const file = target(session, command);
  if (command.ne === 0) fail(SW.WRONG_LENGTH);
  session.require(file.read);
  const mode = command.p2 & 7;
  if (mode !== MODE.FROM_NUMBER && mode !== MODE.DOWN_TO_NUMBER) {
    const record = file.records[locate(session, file, command) - 1];
    return deliver(session, record, 0, command);
  }
  const first = numbered(session, file, command.p1);
  const records = file.records.slice(first - 1);
  if (mode === MODE.DOWN_TO_NUMBER) records.reverse();
  return deliver(session, joined(records), 0, command);
}

/** Replaces a record; "previous" in a cyclic EF writes the oldest, which becomes number 1. */
export function updateRecord(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const file = target(session, command);
  const { p1, p2, data } = command;
  if ((p2 & 7) > MODE.NUMBER) fail(SW.INCORRECT_P1_P2);
  session.require(file.update);
  checkLength(file, data);
  if (file.structure === "cyclic" && (p2 & 7) === MODE.PREVIOUS && p1 === 0) {
    rotate(session, file, data);
  } else {
    file.records[locate(session, file, command) - 1] = data.slice();
  }
  return session.respond();
}

/** Adds a record: at the end of a linear EF, as number 1 of a cyclic one. */
export function appendRecord(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const { p1, p2, data } = command;
  if (p1 !== 0 || (p2 & 7) !== 0) fail(SW.INCORRECT_P1_P2);
  const file = target(session, command);
  session.require(file.update);
  checkLength(file, data);
  if (file.structure === "cyclic") {
    rotate(session, file, data);
  } else {
    if (file.records.length >= file.maxRecords) fail(SW.NOT_ENOUGH_MEMORY);
    session.record = file.records.push(data.slice());
  }
  return session.respond();
}

function rotate(session: CardSession, file: RecordFile, data: Uint8Array) {
  file.records.unshift(data.slice());
  if (file.records.length > file.maxRecords) file.records.pop();
  session.record = 1;
}

function checkLength(file: RecordFile, data: Uint8Array): void {
  const fits = file.structure === "linear-variable"
    ? data.length <= file.recordLength
    : data.length === file.recordLength;
  if (data.length === 0 || !fits) fail(SW.WRONG_LENGTH);
}

/** P2 b8..b4: short EF identifier, 0 the current EF. */
function target(session: CardSession, { p2 }: CardCommand): RecordFile {
  if (p2 >> 3 === 0x1f || (p2 & 7) === 7) fail(SW.INCORRECT_P1_P2);
  const file = session.resolveFile(p2 >> 3);
  if (file.kind !== "records") fail(SW.INCOMPATIBLE_FILE_STRUCTURE);
  return file;
}

/** The number of the record meant; first, last, next and previous move the record pointer. */
function locate(
  session: CardSession,
  file: RecordFile,
  { p1, p2 }: CardCommand,
): number {
  const mode = p2 & 7;
  if (mode === MODE.NUMBER) return numbered(session, file, p1);
  if (p1 !== 0) fail(SW.FUNCTION_NOT_SUPPORTED); // record identifiers
  const count = file.records.length;
  // Without a current record next is the first, previous the last.
  const candidates = [
    1,
    count,
    session.record + 1,
    session.record === 0 ? count : session.record - 1,
  ];
  const number = candidates[mode];
  if (number < 1 || number > count) fail(SW.RECORD_NOT_FOUND);
  session.record = number;
  return number;
}

/** P1 = 0 is the current record. */
function numbered(session: CardSession, file: RecordFile, p1: number): number {
  const number = p1 === 0 ? session.record : p1;
  if (number < 1 || number > file.records.length) fail(SW.RECORD_NOT_FOUND);
  return number;
}

function joined(records: readonly Uint8Array[]): Uint8Array {
  const length = records.reduce((sum, record) => sum + record.length, 0);
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const record of records) {
    bytes.set(record, offset);
    offset += record.length;
  }
  return bytes;
}
