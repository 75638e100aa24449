/**
 * Attributes of reader and card.
 *
 * @module
 */

import { chain, type MaybePromise, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  IOCTL_SMARTCARD_SET_ATTRIBUTE,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_A,
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_W,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_A,
  SCARD_ATTR_DEVICE_SYSTEM_NAME_W,
} from "../smclib/mod.ts";
import type { Handle } from "./handle.ts";
import { send } from "./reader_controls.ts";
import type { Reader } from "./reader.ts";

/** See `Connection.getAttribute`. */
export function getAttribute(
  connection: Handle,
  tag: number,
  signal?: AbortSignal,
): MaybePromise<Uint8Array<ArrayBuffer>> {
  const attempt = "read an attribute of";
  return connection.perform(
    attempt,
    () => {
      const known = ownAttribute(connection.reader, tag);
      if (known !== null) return known;
      return send(
        connection,
        IOCTL_SMARTCARD_GET_ATTRIBUTE,
        ulong(tag),
        "attribute",
        attempt,
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
  const attempt = "set an attribute of";
  const done = connection.perform(
    attempt,
    () =>
      send(
        connection,
        IOCTL_SMARTCARD_SET_ATTRIBUTE,
        input,
        "attribute",
        attempt,
        {},
      ),
    signal,
    false,
  );
  return chain(done, () => {});
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
