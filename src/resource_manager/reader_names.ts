/**
 * What readers are called.
 *
 * @module
 */

import { type MaybePromise, readU32le, writeU32le } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_GET_ATTRIBUTE,
  ntSuccess,
  SCARD_ATTR_DEVICE_UNIT,
  SCARD_ATTR_VENDOR_IFD_TYPE,
  SCARD_ATTR_VENDOR_NAME,
} from "../smclib/mod.ts";
import type { NameRegistry } from "./name_registry.ts";
import type { ReaderIo } from "./reader_io.ts";

const MAX_ATTRIBUTE_BYTES = 256;
const ascii = new TextDecoder("latin1");

/** What a reader says about itself; empty or 0 where it says nothing. */
export interface ReaderIdentity {
  /** SCARD_ATTR_VENDOR_NAME. */
  readonly vendor: string;
  /** SCARD_ATTR_VENDOR_IFD_TYPE. */
  readonly ifdType: string;
  /** SCARD_ATTR_DEVICE_UNIT. */
  readonly unit: number;
}

/** Asks a reader who it is; belongs into a section of {@linkcode ReaderIo.run}. */
export async function readIdentity(io: ReaderIo): Promise<ReaderIdentity> {
  const vendor = await text(io, SCARD_ATTR_VENDOR_NAME);
  const ifdType = await text(io, SCARD_ATTR_VENDOR_IFD_TYPE);
  const found = await attribute(io, SCARD_ATTR_DEVICE_UNIT);
  const unit = found && io.information >= 4 ? readU32le(io.systemBuffer, 0) : 0;
  return { vendor, ifdType, unit };
}

async function attribute(io: ReaderIo, tag: number): Promise<boolean> {
  writeU32le(io.roomFor(MAX_ATTRIBUTE_BYTES), 0, tag);
  const status: MaybePromise<number> = io.request(
    IOCTL_SMARTCARD_GET_ATTRIBUTE,
    4,
    MAX_ATTRIBUTE_BYTES,
  );
  return ntSuccess(await status);
}

async function text(io: ReaderIo, tag: number): Promise<string> {
  if (!await attribute(io, tag)) return "";
  const bytes = io.systemBuffer.subarray(0, io.information);
  // deno-lint-ignore no-control-regex
  return ascii.decode(bytes).replace(/\x00.*$/s, "").trim();
}

/**
 * A name as Windows makes it: vendor, type and a number that makes it unique.
 *
 * @param names those that other readers have
 */
export function windowsReaderName(
  identity: ReaderIdentity,
  names: NameRegistry,
): string {
  const stem = [identity.vendor, identity.ifdType]
    .filter((part) => part !== "").join(" ") || "Smart Card Reader";
  return names.free(`${stem} `, identity.unit);
}
