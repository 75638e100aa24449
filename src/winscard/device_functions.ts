/**
 * Questions about the devices behind the readers.
 *
 * @module
 */

import { type MaybePromise, readU32le, writeU32le } from "../bytes.ts";
import type { Reader } from "../resource_manager/mod.ts";
import { answer, refusal, type ScardAnswer } from "./answer.ts";
import { SCARD_ATTR_CHANNEL_ID } from "./attributes.ts";
import { checkText } from "./checks.ts";
import { SCARD_READER_TYPE_VENDOR } from "./constants.ts";
import { IOCTL_SMARTCARD_GET_ATTRIBUTE } from "./ioctls.ts";
import {
  checkMaxLength,
  fit,
  type MaxLength,
  multiStringLength,
  textLength,
} from "./lengths.ts";
import type { WinscardState } from "./options.ts";
import type { NameList } from "./query_functions.ts";

/** Functions about devices; `WinscardOptions.describeReader` is asked first. */
export interface DeviceFunctions {
  /**
   * Gives the picture of a reader.
   *
   * @returns `code` SCARD_E_UNSUPPORTED_FEATURE when nobody has given one
   */
  SCardGetReaderIcon(
    hContext: number,
    reader: string,
    maxLength?: MaxLength,
  ): Promise<
    ScardAnswer<
      { readonly icon: Uint8Array<ArrayBuffer>; readonly length: number }
    >
  >;
  /**
   * Gives the type of a reader: SCARD_READER_TYPE_*, by the reader's attribute
   * SCARD_ATTR_CHANNEL_ID, SCARD_READER_TYPE_VENDOR where it has none.
   */
  SCardGetDeviceTypeId(
    hContext: number,
    reader: string,
  ): Promise<ScardAnswer<{ readonly deviceTypeId: number }>>;
  /** Gives the path of the plug-and-play device of a reader, made up from its system name. */
  SCardGetReaderDeviceInstanceId(
    hContext: number,
    reader: string,
    maxLength?: MaxLength,
  ): Promise<
    ScardAnswer<{ readonly deviceInstanceId: string; readonly length: number }>
  >;
  /**
   * Lists the readers on a plug-and-play device, by all their names.
   *
   * @param deviceInstanceId compared without case
   * @returns `code` SCARD_E_READER_UNAVAILABLE when there are none
   */
  SCardListReadersWithDeviceInstanceId(
    hContext: number,
    deviceInstanceId: string,
    maxLength?: MaxLength,
  ): Promise<ScardAnswer<NameList>>;
}

/** Makes the functions about devices. */
export function deviceFunctions(state: WinscardState): DeviceFunctions {
  const { handles, manager, names, options } = state;
  const describeReader = (reader: Reader) =>
    options.describeReader?.(reader) ?? {};
  const instanceId = (reader: Reader) =>
    describeReader(reader).deviceInstanceId ??
      `ROOT\\SMARTCARDREADER\\${reader.systemName.toUpperCase()}`;
  return {
    SCardGetReaderIcon: (hContext, name, maxLength) =>
      answer({ icon: new Uint8Array(0), length: 0 }, () => {
        const attempt = "read the icon of a reader";
        handles.context(hContext, attempt);
        const room = checkMaxLength(maxLength, attempt);
        const { icon } = describeReader(names.find(name, attempt));
        if (icon === undefined) {
          throw refusal(
            "SCARD_E_UNSUPPORTED_FEATURE",
            attempt,
            `"${name}" has none`,
            "a reader that is described with one",
          );
        }
        const { length } = icon;
        const none = { icon: new Uint8Array(0), length };
        return fit({ icon: icon.slice(), length }, none, room, attempt);
      }),

    SCardGetDeviceTypeId: (hContext, name) =>
      answer({ deviceTypeId: 0 }, async () => {
        const attempt = "find the type of a reader";
        handles.context(hContext, attempt);
        const reader = names.find(name, attempt);
        const { deviceTypeId } = describeReader(reader);
        return { deviceTypeId: deviceTypeId ?? await channelType(reader) };
      }),

    SCardGetReaderDeviceInstanceId: (hContext, name, maxLength) =>
      answer({ deviceInstanceId: "", length: 0 }, () => {
        const attempt = "find the device of a reader";
        handles.context(hContext, attempt);
        const room = checkMaxLength(maxLength, attempt);
        const deviceInstanceId = instanceId(names.find(name, attempt));
        const length = textLength(deviceInstanceId);
        const none = { deviceInstanceId: "", length };
        return fit({ deviceInstanceId, length }, none, room, attempt);
      }),

    SCardListReadersWithDeviceInstanceId: (hContext, wanted, maxLength) =>
      answer<NameList>({ names: [], length: 0 }, () => {
        const attempt = "list the readers of a device";
        handles.context(hContext, attempt);
        const room = checkMaxLength(maxLength, attempt);
        const path = checkText(wanted, "device", attempt).toUpperCase();
        const found = manager.readers
          .filter((reader) => instanceId(reader).toUpperCase() === path)
          .flatMap((reader) => names.of(reader));
        if (found.length === 0) {
          throw refusal(
            "SCARD_E_READER_UNAVAILABLE",
            attempt,
            "no reader is there",
            "one at least",
          );
        }
        const length = multiStringLength(found);
        return fit(
          { names: found, length },
          { names: [], length },
          room,
          attempt,
        );
      }),
  };
}

/** The type that is in the upper half of the reader's channel. */
function channelType({ io }: Reader): MaybePromise<number> {
  return io.run(async () => {
    writeU32le(io.systemBuffer, 0, SCARD_ATTR_CHANNEL_ID);
    const status = await io.request(IOCTL_SMARTCARD_GET_ATTRIBUTE, 4, 4);
    if (status !== 0 || io.information < 4) return SCARD_READER_TYPE_VENDOR;
    const type = readU32le(io.systemBuffer, 0) >>> 16;
    return type >= SCARD_READER_TYPE_VENDOR && type <= 0xFF
      ? SCARD_READER_TYPE_VENDOR
      : type;
  });
}
