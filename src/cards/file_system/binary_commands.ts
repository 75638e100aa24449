/**
 * READ BINARY and UPDATE BINARY (ISO/IEC 7816-4 11.3), even instructions.
 *
 * @module
 */
import type { CardCommand } from "../apdu.ts";
import type { TransparentFile } from "./files.ts";
import type { CardSession } from "./session.ts";
import { fail, SW } from "./status_words.ts";

/** Bytes from an offset; 6282 when the file ends before Ne bytes. */
export function readBinary(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const { file, offset } = target(session, command);
  if (command.ne === 0) fail(SW.WRONG_LENGTH);
  session.require(file.read);
  const { length } = file.content;
  if (offset > length || (offset === length && length > 0)) {
    fail(SW.WRONG_PARAMETERS);
  }
  return deliver(session, file.content, offset, command);
}

/** Replaces bytes from an offset; the file does not grow. */
export function updateBinary(
  session: CardSession,
  command: CardCommand,
): Uint8Array {
  const { file, offset } = target(session, command);
  const { data } = command;
  if (data.length === 0) fail(SW.WRONG_LENGTH);
  session.require(file.update);
  if (offset > file.content.length) fail(SW.WRONG_PARAMETERS);
  if (offset + data.length > file.content.length) fail(SW.NOT_ENOUGH_MEMORY);
  file.content.set(data, offset);
  return session.respond();
}

/** At most Ne of the bytes from `start` on; a number of bytes that was asked for and is not there is a warning. */
export function deliver(
  session: CardSession,
  bytes: Uint8Array,
  start: number,
  { ne, wantsAll }: CardCommand,
): Uint8Array {
  const end = Math.min(start + ne, bytes.length);
  const isShort = !wantsAll && end - start < ne;
  return session.respondWith(
    bytes,
    start,
    end,
    isShort ? SW.END_OF_FILE_REACHED : SW.OK,
  );
}

/** P1 b8: short EF identifier in P1 and offset in P2; else the offset in P1 and P2. */
function target(
  session: CardSession,
  { p1, p2 }: CardCommand,
): { file: TransparentFile; offset: number } {
  const hasShortId = (p1 & 0x80) !== 0;
  if (hasShortId && (p1 & 0x60) !== 0) fail(SW.INCORRECT_P1_P2);
  const file = session.resolveFile(hasShortId ? p1 & 0x1f : 0);
  if (file.kind !== "transparent") fail(SW.INCOMPATIBLE_FILE_STRUCTURE);
  return { file, offset: hasShortId ? p2 : p1 << 8 | p2 };
}
