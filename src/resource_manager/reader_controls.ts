/**
 * Requests to the reader rather than the card: status and control.
 *
 * @module
 */

import { chain, type MaybePromise, readU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  ntSuccess,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  STATUS_IO_DEVICE_ERROR,
} from "../smclib/mod.ts";
import { withSignals } from "./abort.ts";
import type { CardAnswer } from "./card_slot.ts";
import type { Handle } from "./handle.ts";
import { ResourceManagerError } from "./errors.ts";
import { countResets } from "./metrics_counters.ts";
import { SYSTEM_BUFFER_BYTES } from "./reader_io.ts";

/** What `Connection.status` tells. */
export interface ConnectionStatus {
  /** Names under which the reader is known. */
  readonly readerNames: string[];
  /** SCARD_UNKNOWN, SCARD_ABSENT ... SCARD_SPECIFIC. */
  readonly state: number;
  /** SCARD_PROTOCOL_* bit; meaningful in state SCARD_SPECIFIC. */
  readonly protocol: number;
  /** Answer to reset, when there is one. */
  readonly atr: Uint8Array<ArrayBuffer> | null;
}

/** See `Connection.status`. */
export function status(
  connection: Handle,
  signal?: AbortSignal,
): MaybePromise<ConnectionStatus> {
  const { reader } = connection;
  const { slot } = reader;
  const attempt = "read the status of";
  // A direct connection is one to the reader: it is told what became of the card.
  const needsCard = connection.shareMode !== "direct";
  return connection.perform(
    attempt,
    () =>
      chain(slot.getState(), (state): MaybePromise<ConnectionStatus> => {
        if (state === null) {
          return connection.fail(STATUS_IO_DEVICE_ERROR, "state", attempt);
        }
        // A card with one protocol is specific at once; as long as nobody has asked for it, it is not in use.
        const isUnused = state === SCARD_SPECIFIC && slot.protocol === 0;
        return {
          readerNames: [reader.name],
          state: isUnused ? SCARD_NEGOTIABLE : state,
          protocol: state === SCARD_SPECIFIC ? slot.protocol : 0,
          atr: slot.atr?.slice() ?? null,
        };
      }),
    signal,
    needsCard,
  );
}

/** See `Connection.control`. */
export function control(
  connection: Handle,
  code: number,
  input: Uint8Array,
  options: { signal?: AbortSignal; outputLength?: number },
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { reader } = connection;
  if (
    code === IOCTL_SMARTCARD_IS_PRESENT || code === IOCTL_SMARTCARD_IS_ABSENT
  ) {
    throw new ResourceManagerError(
      "SCARD_E_INVALID_PARAMETER",
      `Cannot send a tracking request to "${reader.name}": the resource manager does, expected another code`,
    );
  }
  const data = input.slice();
  const work = (signal: AbortSignal) =>
    connection.perform(
      "control",
      () => controlReader(connection, code, data, { ...options, signal }),
      signal,
      false,
    );
  // A control request may wait for a user: it ends with its connection.
  return options.signal === undefined
    ? work(connection.ending)
    : withSignals([connection.ending, options.signal], work);
}

function controlReader(
  connection: Handle,
  code: number,
  data: Uint8Array,
  options: { signal: AbortSignal; outputLength?: number },
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { slot } = connection.reader;
  // A connection that lost its card gets another one by reconnecting only.
  const mayBind = connection.shareMode === "direct" ||
    connection.problem === null;
  const value = data.length < 4 ? null : readU32le(data, 0);
  const room = options.outputLength === undefined
    ? undefined
    : Math.min(options.outputLength, SYSTEM_BUFFER_BYTES);
  // What the reader will refuse as unknown is sent as it is: it changes nothing.
  if (code === IOCTL_SMARTCARD_POWER && value !== null && isPower(value)) {
    return chain(
      countResets(
        connection.reader,
        "control",
        () => slot.power(value, room),
      ),
      (answer) => controlled(connection, { ...answer, protocol: 0 }, mayBind),
    );
  }
  if (code === IOCTL_SMARTCARD_SET_PROTOCOL && value !== null) {
    return chain(
      slot.setProtocol(value, room),
      (answer) => controlled(connection, answer, mayBind),
    );
  }
  return send(connection, code, data, "control", "control", options);
}

function isPower(action: number): boolean {
  return action === SCARD_POWER_DOWN || action === SCARD_COLD_RESET ||
    action === SCARD_WARM_RESET;
}

/** The card's state was changed through this connection: it knows, the others must reconnect. */
function controlled(
  connection: Handle,
  { status, protocol, grip }: CardAnswer,
  mayBind: boolean,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { reader } = connection;
  if (!ntSuccess(status)) {
    return connection.fail(status, "control", "control", false);
  }
  const output = reader.io.systemBuffer.slice(0, reader.io.information);
  if (mayBind) connection.bind(protocol, grip);
  reader.publish();
  return output;
}

/**
 * In a section: sends a request with input and output of any length.
 *
 * @param options `outputLength`: capacity in bytes; abort cancels the request
 */
export function send(
  connection: Handle,
  code: number,
  input: Uint8Array,
  operation: "control" | "attribute",
  attempt: string,
  options: { signal?: AbortSignal; outputLength?: number },
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { io } = connection.reader;
  const capacity = options.outputLength ?? SYSTEM_BUFFER_BYTES;
  const needed = Math.max(capacity, input.length);
  const buffer = needed > SYSTEM_BUFFER_BYTES
    ? new Uint8Array(needed)
    : io.roomFor(needed);
  buffer.set(input);
  return chain(
    io.request(code, input.length, capacity, options.signal, buffer),
    (final) =>
      ntSuccess(final)
        ? buffer.slice(0, io.information)
        : connection.fail(final, operation, attempt, false),
  );
}
