/**
 * Requests to the reader rather than the card: status, control, attributes.
 *
 * @module
 */

import { chain, type MaybePromise, readU32le, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  ntSuccess,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_A,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_W,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_A,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_W,
  SCARD_SPECIFIC,
  STATUS_IO_DEVICE_ERROR,
} from "../smclib/mod.ts";
import type { Handle } from "./handle.ts";
import { ResourceManagerError } from "./errors.ts";
import { SYSTEM_BUFFER_BYTES } from "./reader_io.ts";
import type { Reader } from "./reader.ts";

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
        return {
          readerNames: [reader.name],
          state,
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
  // A control request may wait for a user: it ends with its connection.
  const signal = options.signal === undefined
    ? connection.ending
    : AbortSignal.any([connection.ending, options.signal]);
  return connection.perform(
    "control",
    () => {
      if (data.length >= 4 && code === IOCTL_SMARTCARD_POWER) {
        return chain(
          reader.slot.power(readU32le(data, 0)),
          (final) => controlled(connection, final, 0),
        );
      }
      if (data.length >= 4 && code === IOCTL_SMARTCARD_SET_PROTOCOL) {
        return chain(
          reader.slot.setProtocol(readU32le(data, 0)),
          (final) => controlled(connection, final, reader.slot.protocol),
        );
      }
      return send(connection, code, data, "control", { ...options, signal });
    },
    signal,
    false,
  );
}

/** The card's state was changed through this connection: it knows, the others must reconnect. */
function controlled(
  connection: Handle,
  final: number,
  protocol: number,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { reader } = connection;
  if (!ntSuccess(final)) {
    return connection.fail(final, "control", "control", false);
  }
  const output = reader.io.systemBuffer.slice(0, reader.io.information);
  connection.bind(protocol);
  reader.publish();
  return output;
}

/** See `Connection.getAttribute`. */
export function getAttribute(
  connection: Handle,
  tag: number,
  signal?: AbortSignal,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  return connection.perform(
    "read an attribute of",
    () => {
      const known = ownAttribute(connection.reader, tag);
      if (known !== null) return known;
      return send(
        connection,
        IOCTL_SMARTCARD_GET_ATTRIBUTE,
        ulong(tag),
        "attribute",
        {},
      );
    },
    signal,
    false,
  );
}

/** See `Connection.setAttribute`. */
export function setAttribute(
  connection: Handle,
  tag: number,
  value: Uint8Array,
  signal?: AbortSignal,
): MaybePromise<void> {
  const input = new Uint8Array(4 + value.length);
  writeU32le(input, 0, tag);
  input.set(value, 4);
  const done = connection.perform(
    "set an attribute of",
    () =>
      send(connection, IOCTL_SMARTCARD_SET_ATTRIBUTE, input, "attribute", {}),
    signal,
    false,
  );
  return chain(done, () => {});
}

function send(
  connection: Handle,
  code: number,
  input: Uint8Array,
  operation: "control" | "attribute",
  options: { signal?: AbortSignal; outputLength?: number },
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const { io } = connection.reader;
  const capacity = options.outputLength ?? SYSTEM_BUFFER_BYTES;
  const needed = Math.max(capacity, input.length);
  const buffer = needed > SYSTEM_BUFFER_BYTES
    ? new Uint8Array(needed)
    : io.systemBuffer;
  buffer.set(input);
  return chain(
    io.request(code, input.length, capacity, options.signal, buffer),
    (final) =>
      ntSuccess(final)
        ? buffer.slice(0, io.information)
        : connection.fail(final, operation, "control", false),
  );
}

/** Names belong to the resource manager; a reader does not know them. */
function ownAttribute(
  reader: Reader,
  tag: number,
): Uint8Array<ArrayBuffer> | null {
  switch (tag) {
    case SCARD_ATTR_DEVICE_FRIENDLY_NAME_A:
      return new TextEncoder().encode(`${reader.name}\0`);
    case SCARD_ATTR_DEVICE_SYSTEM_NAME_A:
      return new TextEncoder().encode(`${reader.systemName}\0`);
    case SCARD_ATTR_DEVICE_FRIENDLY_NAME_W:
      return utf16(`${reader.name}\0`);
    case SCARD_ATTR_DEVICE_SYSTEM_NAME_W:
      return utf16(`${reader.systemName}\0`);
    default:
      return null;
  }
}

function utf16(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit;
    bytes[2 * i + 1] = unit >>> 8;
  }
  return bytes;
}

function ulong(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeU32le(bytes, 0, value);
  return bytes;
}
