/**
 * Drivers that answer single requests wrongly, whatever the card does.
 *
 * @module
 */

import { readU32le, writeU32le } from "../../src/bytes.ts";
import * as lib from "../../src/smclib/mod.ts";
import {
  broken,
  brokenDevice,
  type BrokenDriver,
  deviceOf,
  end,
} from "./broken_driver.ts";

/** Answers `irp` with a ULONG. */
function answerUlong(irp: lib.Irp, value: number): number {
  writeU32le(irp.systemBuffer, 0, value);
  return end(irp, lib.STATUS_SUCCESS, 4);
}

function isAttribute(irp: lib.Irp, tag: number): boolean {
  return irp.ioControlCode === lib.IOCTL_SMARTCARD_GET_ATTRIBUTE &&
    irp.inputLength === 4 && readU32le(irp.systemBuffer, 0) === tag;
}

/** Answers the attribute `tag` oneself. */
function brokenAttribute(
  fault: string,
  breaks: string | readonly string[],
  tag: number,
  answer: (irp: lib.Irp) => number,
): BrokenDriver {
  return brokenDevice(
    fault,
    breaks,
    () => (irp, next) =>
      isAttribute(irp, tag) && irp.outputLength >= 4 ? answer(irp) : next(irp),
  );
}

/** Drivers that are wrong about one kind of request. */
export const brokenInterfaceDrivers: readonly BrokenDriver[] = [
  brokenDevice(
    "GET_STATE without room succeeds",
    "GET_STATE needs room for four bytes",
    () => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_GET_STATE &&
        irp.outputLength < 4
        ? end(irp, lib.STATUS_SUCCESS)
        : next(irp),
  ),
  broken(
    "IS_ABSENT is an error while no card was in",
    "IS_ABSENT without a card ends at once",
    (reader) => {
      const { osData } = reader.extension;
      let wasIn = false;
      return {
        insert({ contacts }) {
          wasIn = true;
          reader.insert(contacts);
        },
        device: deviceOf(
          reader,
          (irp) =>
            irp.ioControlCode === lib.IOCTL_SMARTCARD_IS_ABSENT && !wasIn &&
              osData.notificationIrp === null
              ? end(irp, lib.STATUS_NO_MEDIA)
              : reader.deviceControl(irp),
        ),
      };
    },
  ),
  brokenDevice(
    "SET_PROTOCOL is NOT_SUPPORTED without a card",
    [
      "a card may go between any two requests",
      "the mandatory callbacks are there",
      "what needs a card is NO_MEDIA without one",
    ],
    ({ extension }) => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL &&
        extension.library.phase === "ready" &&
        extension.readerCapabilities.currentState === lib.SCARD_ABSENT
        ? end(irp, lib.STATUS_NOT_SUPPORTED)
        : next(irp),
  ),
  brokenDevice(
    "TRANSMIT after a removal is INVALID_DEVICE_STATE",
    "a card may go between any two requests",
    ({ extension: { readerCapabilities, library } }) => {
      let wasIn = false;
      return (irp, next) => {
        const isIn = readerCapabilities.currentState > lib.SCARD_ABSENT ||
          library.phase === "gone";
        wasIn ||= isIn;
        return irp.ioControlCode === lib.IOCTL_SMARTCARD_TRANSMIT && wasIn &&
            !isIn
          ? end(irp, lib.STATUS_INVALID_DEVICE_STATE)
          : next(irp);
      };
    },
  ),
  brokenDevice(
    "IOCTL_SMARTCARD_READ succeeds",
    "an unknown control code is refused",
    () => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_READ
        ? end(irp, lib.STATUS_SUCCESS)
        : next(irp),
  ),
  brokenDevice(
    "an unknown power action is a cold reset",
    "malformed requests are INVALID_PARAMETER and harm nothing",
    () => (irp, next) => {
      const isPower = irp.ioControlCode === lib.IOCTL_SMARTCARD_POWER;
      if (isPower && irp.systemBuffer[0] > lib.SCARD_WARM_RESET) {
        irp.systemBuffer[0] = lib.SCARD_COLD_RESET;
      }
      return next(irp);
    },
  ),
  brokenDevice(
    "no attribute can be set",
    "the resource manager may say that the reader is in use",
    () => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_ATTRIBUTE &&
        irp.inputLength >= 4
        ? end(irp, lib.STATUS_NOT_SUPPORTED)
        : next(irp),
  ),
  broken(
    "SWALLOW succeeds in a reader that cannot",
    "SWALLOW draws the card in where the reader can",
    ({ extension }) => {
      extension.readerFunction[lib.RDF_READER_SWALLOW] = () =>
        lib.STATUS_SUCCESS;
    },
  ),
  brokenAttribute(
    "the reader has no number",
    "the reader has a unit number",
    lib.SCARD_ATTR_DEVICE_UNIT,
    (irp) => end(irp, lib.STATUS_NOT_SUPPORTED),
  ),
  brokenAttribute(
    "PROTOCOL_TYPES is empty",
    "PROTOCOL_TYPES tells the protocols",
    lib.SCARD_ATTR_PROTOCOL_TYPES,
    (irp) => answerUlong(irp, 0),
  ),
  brokenAttribute(
    "MAX_IFSD is the length of a block instead of its information field",
    [
      "MAX_IFSD is a length of T=1",
      "T=1 sends and takes blocks of 254 bytes",
      "T=1 begins with S(IFS request)",
    ],
    lib.SCARD_ATTR_MAX_IFSD,
    (irp) => answerUlong(irp, 259),
  ),
  broken(
    "the reader takes blocks of 253 bytes",
    "T=1 sends and takes blocks of 254 bytes",
    ({ extension }) => {
      extension.readerCapabilities.maxIfsd = 253;
    },
  ),
  brokenDevice(
    "ICC_PRESENCE is 2 in an empty reader",
    "ICC_PRESENCE and ICC_INTERFACE_STATUS follow the card",
    () => (irp, next) => {
      if (!isAttribute(irp, lib.SCARD_ATTR_ICC_PRESENCE)) return next(irp);
      irp.systemBuffer[0] = 2;
      return end(irp, lib.STATUS_SUCCESS, 1);
    },
  ),
  brokenDevice(
    "ATR_STRING ends after 20 bytes",
    "a cold reset gives the ATR",
    () => async (irp, next) => {
      const isAtr = isAttribute(irp, lib.SCARD_ATTR_ATR_STRING);
      const status = await next(irp);
      const { ioStatus } = irp;
      if (isAtr) ioStatus.information = Math.min(20, ioStatus.information);
      return status;
    },
  ),
  brokenAttribute(
    "CURRENT_PROTOCOL_TYPE is what the reader has",
    "CURRENT_PROTOCOL_TYPE follows the selection",
    lib.SCARD_ATTR_CURRENT_PROTOCOL_TYPE,
    (irp) => answerUlong(irp, lib.SCARD_PROTOCOL_Tx),
  ),
];
