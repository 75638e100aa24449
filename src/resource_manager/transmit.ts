/**
 * One APDU at the reader.
 *
 * @module
 */

import { hex32, type MaybePromise, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_TRANSMIT,
  ntSuccess,
  SCARD_IO_REQUEST_LENGTH,
} from "../smclib/mod.ts";
import { MAX_COMMAND_BYTES, MIN_COMMAND_BYTES } from "./constants.ts";
import { ResourceManagerError } from "./errors.ts";
import type { Handle } from "./handle.ts";
import { SYSTEM_BUFFER_BYTES } from "./reader_io.ts";

/**
 * An APDU is one by its length.
 *
 * @throws {ResourceManagerError} SCARD_E_INVALID_PARAMETER
 */
export function assertCommand({ reader }: Handle, length: number): void {
  if (length >= MIN_COMMAND_BYTES && length <= MAX_COMMAND_BYTES) return;
  throw new ResourceManagerError(
    "SCARD_E_INVALID_PARAMETER",
    `Cannot transmit to "${reader.name}": the APDU has ${length} bytes, expected ${MIN_COMMAND_BYTES} to ${MAX_COMMAND_BYTES}`,
  );
}

/**
 * In a section: sends an APDU, and returns the answer in a buffer of its own.
 *
 * @param protocol SCARD_PROTOCOL_* bit, which must be the active one
 */
export function exchange(
  connection: Handle,
  command: Uint8Array,
  protocol: number,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { io, counters } = connection.reader;
  if (protocol === 0 || protocol !== connection.activeProtocol) {
    throw new ResourceManagerError(
      "SCARD_E_PROTO_MISMATCH",
      `Cannot transmit to "${connection.reader.name}": protocol ${
        hex32(protocol)
      } asked for, expected the active one, ${
        hex32(connection.activeProtocol)
      }`,
    );
  }
  const buffer = io.roomFor(SYSTEM_BUFFER_BYTES);
  writeU32le(buffer, 0, protocol);
  writeU32le(buffer, 4, SCARD_IO_REQUEST_LENGTH);
  buffer.set(command, SCARD_IO_REQUEST_LENGTH);
  counters.bytesSent += command.length;
  const status = io.request(
    IOCTL_SMARTCARD_TRANSMIT,
    SCARD_IO_REQUEST_LENGTH + command.length,
    SYSTEM_BUFFER_BYTES,
  );
  // Only who waits looks at the clock: that costs a third of an exchange without waiting.
  return typeof status === "number"
    ? answer(connection, status, 0)
    : answerLater(connection, status);
}

function answerLater(
  connection: Handle,
  status: Promise<number>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { timers } = connection.reader;
  const startMs = timers.now();
  return status.then((final) =>
    answer(connection, final, timers.now() - startMs)
  );
}

function answer(
  connection: Handle,
  status: number,
  durationMs: number,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { reader } = connection;
  const { io, counters } = reader;
  if (!ntSuccess(status)) {
    return connection.fail(status, "transmit", "transmit to");
  }
  if (io.information < SCARD_IO_REQUEST_LENGTH) {
    throw new ResourceManagerError(
      "SCARD_F_COMM_ERROR",
      `Cannot transmit to "${reader.name}": the reader delivered ${io.information} bytes, expected a header of ${SCARD_IO_REQUEST_LENGTH} and an answer`,
    );
  }
  reader.transmitCount++;
  counters.bytesReceived += io.information - SCARD_IO_REQUEST_LENGTH;
  counters.exchanges.observe(durationMs);
  return io.systemBuffer.slice(SCARD_IO_REQUEST_LENGTH, io.information);
}
