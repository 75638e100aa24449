/**
 * Drivers that are wrong about attributes and resets.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import {
  broken,
  brokenCallback,
  brokenDevice,
  type BrokenDriver,
  end,
} from "./broken_driver.ts";

function attributeOf(irp: lib.Irp): number | null {
  return irp.ioControlCode === lib.IOCTL_SMARTCARD_GET_ATTRIBUTE &&
      irp.inputLength === 4
    ? new DataView(irp.systemBuffer.buffer).getUint32(0, true)
    : null;
}

/** Drivers that are wrong about attributes and unknown codes. */
export const brokenAttributeDrivers: readonly BrokenDriver[] = [
  broken(
    "the vendor's name ends with zero, as in C",
    "vendor and model have names",
    ({ extension }) => {
      extension.vendorAttr.vendorName = lib.ansiBytes("Example\0");
    },
  ),
  broken(
    "the clock is too slow",
    "the clock is fast enough",
    ({ extension: { readerCapabilities: { clkFrequency } } }) => {
      clkFrequency.default = clkFrequency.max = 3500;
    },
  ),
  broken(
    "the data rate is in kbit/s",
    "the data rate is high enough",
    ({ extension: { readerCapabilities: { dataRate } } }) => {
      dataRate.max = 344;
    },
  ),
  broken(
    "the mechanics are not told",
    "CHARACTERISTICS tells the mechanics",
    ({ extension }) => {
      extension.readerCapabilities.mechProperties = 0;
    },
  ),
  brokenDevice(
    "an attribute without room throws",
    "an attribute read without output buffer ends cleanly",
    () => (irp, next) => {
      if (attributeOf(irp) !== null && irp.outputLength === 0) {
        throw new RangeError("offset is out of bounds");
      }
      return next(irp);
    },
  ),
  brokenDevice(
    "an unknown attribute is zero",
    "an unknown attribute is NOT_SUPPORTED",
    () => (irp, next) =>
      (attributeOf(irp) ?? 0) >>> 16 === 7
        ? end(irp, lib.STATUS_SUCCESS, 4)
        : next(irp),
  ),
  brokenDevice(
    "ATR_STRING is empty before a reset",
    "attributes of the card need one that was reset",
    ({ extension }) => (irp, next) =>
      attributeOf(irp) === lib.SCARD_ATTR_ATR_STRING &&
        extension.readerCapabilities.currentState === lib.SCARD_PRESENT
        ? end(irp, lib.STATUS_SUCCESS)
        : next(irp),
  ),
  broken(
    "every vendor code succeeds",
    "an unknown vendor code is refused",
    ({ extension }) => {
      extension.readerFunction[lib.RDF_IOCTL_VENDOR] = () => lib.STATUS_SUCCESS;
    },
  ),
  brokenDevice(
    "a request refused for its buffer is never completed",
    "a request is completed with the status that is returned",
    () => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_GET_STATE &&
        irp.outputLength === 0
        ? lib.STATUS_BUFFER_TOO_SMALL
        : next(irp),
  ),
];

/** Drivers that are wrong about resets. */
export const brokenResetDrivers: readonly BrokenDriver[] = [
  brokenCallback(
    "the ATR of an inverse-convention card comes as it was read",
    "a card of inverse convention is like any other",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      if (ext.cardCapabilities.inversConvention) {
        const { replyBuffer, information } = ext.ioRequest;
        lib.SmartcardInvertData(replyBuffer, information);
      }
      return status;
    },
  ),
  brokenCallback(
    "every reset is a cold one",
    "a warm reset of a powered card is one",
    lib.RDF_CARD_POWER,
    (ext, next) => {
      if (ext.minorIoControlCode === lib.SCARD_WARM_RESET) {
        ext.minorIoControlCode = lib.SCARD_COLD_RESET;
      }
      return next(ext);
    },
  ),
  brokenCallback(
    "a warm reset does not power the card",
    "a warm reset of an unpowered card acts as a cold one",
    lib.RDF_CARD_POWER,
    (ext, next) =>
      ext.minorIoControlCode === lib.SCARD_WARM_RESET &&
        ext.readerCapabilities.currentState <= lib.SCARD_SWALLOWED
        ? lib.STATUS_IO_TIMEOUT
        : next(ext),
  ),
  brokenCallback(
    "after power down the state stays NEGOTIABLE",
    "power down leaves a card that must be reset",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      if (
        ext.minorIoControlCode === lib.SCARD_POWER_DOWN &&
        status === lib.STATUS_SUCCESS
      ) ext.readerCapabilities.currentState = lib.SCARD_NEGOTIABLE;
      return status;
    },
  ),
  brokenCallback(
    "power down changes the state alone, at sleep, too",
    ["power down cuts the power", "sleep powers the card down"],
    lib.RDF_CARD_POWER,
    (ext, next) => {
      if (ext.minorIoControlCode !== lib.SCARD_POWER_DOWN) return next(ext);
      ext.readerCapabilities.currentState = lib.SCARD_PRESENT;
      return lib.STATUS_SUCCESS;
    },
  ),
  brokenDevice(
    "the card is reset before the room is looked at",
    "a reset needs room for 33 bytes",
    (reader) => (irp, next) => {
      if (
        irp.ioControlCode !== lib.IOCTL_SMARTCARD_POWER ||
        irp.outputLength >= 33 || irp.systemBuffer[0] === 0
      ) return next(irp);
      const systemBuffer = new Uint8Array(33);
      systemBuffer.set(irp.systemBuffer.subarray(0, irp.inputLength));
      const { ioControlCode, inputLength } = irp;
      const roomy = new lib.Irp({
        ioControlCode,
        systemBuffer,
        inputLength,
        outputLength: 33,
      });
      reader.deviceControl(roomy);
      return end(irp, lib.STATUS_BUFFER_TOO_SMALL);
    },
  ),
  brokenCallback(
    "a card whose ATR is none is taken for a mute one",
    "an ATR that is none is UNRECOGNIZED_MEDIA",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      return status === lib.STATUS_UNRECOGNIZED_MEDIA
        ? lib.STATUS_IO_TIMEOUT
        : status;
    },
  ),
  brokenCallback(
    "a mute card is reported with a success code, STATUS_TIMEOUT",
    "a mute card is found out",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      return status === lib.STATUS_IO_TIMEOUT ? lib.STATUS_TIMEOUT : status;
    },
  ),
  brokenDevice(
    "TRANSMIT is let through after a warm reset",
    "a reset ends the selection",
    ({ extension }) => {
      let action = 0;
      return (irp, next) => {
        const code = irp.ioControlCode;
        if (code === lib.IOCTL_SMARTCARD_POWER) action = irp.systemBuffer[0];
        return code === lib.IOCTL_SMARTCARD_TRANSMIT &&
            action === lib.SCARD_WARM_RESET &&
            extension.readerCapabilities.currentState === lib.SCARD_NEGOTIABLE
          ? end(irp, lib.STATUS_SUCCESS, 10)
          : next(irp);
      };
    },
  ),
  brokenDevice(
    "the cold reset of a card in use is skipped",
    [
      "a cold reset makes the card forget",
      "a reset ends the selection",
      "a card that falls silent is IO_TIMEOUT",
      "T=1 gives up on a line that stays bad",
      "requests end when the reader goes away",
    ],
    ({ extension: { readerCapabilities, cardCapabilities } }) =>
    (
      irp,
      next,
    ) => {
      const { buffer, length } = cardCapabilities.atr;
      const isSkipped = irp.ioControlCode === lib.IOCTL_SMARTCARD_POWER &&
        irp.inputLength === 4 && irp.outputLength >= 33 &&
        irp.systemBuffer[0] === lib.SCARD_COLD_RESET &&
        readerCapabilities.currentState === lib.SCARD_SPECIFIC;
      if (!isSkipped) return next(irp);
      irp.systemBuffer.set(buffer.subarray(0, length));
      return end(irp, lib.STATUS_SUCCESS, length);
    },
  ),
];
