/**
 * Drivers that are wrong about the choice of the protocol.
 *
 * @module
 */

import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import * as lib from "../../src/smclib/mod.ts";
import {
  brokenCallback,
  brokenDevice,
  type BrokenDriver,
  brokenLink,
  end,
} from "./broken_driver.ts";
import {
  virtualReaderUnderTest,
  waitingForRequests,
} from "./virtual_reader.ts";

/** PPS request: T=0, 372 and 1. */
const PPS_REQUEST = Uint8Array.of(0xFF, 0x10, 0x11, 0xFE);

/** Drivers that are wrong about SET_PROTOCOL. */
export const brokenSelectionDrivers: readonly BrokenDriver[] = [
  brokenCallback(
    "T=0 is preferred",
    "T=1 is preferred where both are possible",
    lib.RDF_SET_PROTOCOL,
    (ext, next) => {
      const { supported } = ext.cardCapabilities.protocol;
      const both = lib.SCARD_PROTOCOL_Tx;
      if ((ext.minorIoControlCode & supported & both) === both) {
        ext.minorIoControlCode = lib.SCARD_PROTOCOL_T0;
      }
      return next(ext);
    },
  ),
  brokenCallback(
    "the mask is taken without the card: T=1 for a card of T=0",
    "the card decides when the mask has both protocols",
    lib.RDF_SET_PROTOCOL,
    (ext, next) => {
      const { supported } = ext.cardCapabilities.protocol;
      const both = lib.SCARD_PROTOCOL_Tx;
      if (
        (ext.minorIoControlCode & both) === both &&
        (supported & both) === lib.SCARD_PROTOCOL_T0 &&
        ext.readerCapabilities.currentState === lib.SCARD_NEGOTIABLE
      ) ext.minorIoControlCode = lib.SCARD_PROTOCOL_T1;
      return next(ext);
    },
  ),
  {
    fault: "a specific card of T=0 and direct convention gets PPS, too",
    breaks: ["SET_PROTOCOL on a specific card succeeds without PPS"],
    make() {
      let send: ((bytes: Uint8Array) => unknown) | null = null;
      const reader = new VirtualReader({
        wrapLink: (link) => {
          send = (bytes) => link.send(bytes);
          return link;
        },
      });
      const { readerFunction } = reader.extension;
      const next = readerFunction[lib.RDF_SET_PROTOCOL]!;
      readerFunction[lib.RDF_SET_PROTOCOL] = (ext) => {
        const { protocol, inversConvention } = ext.cardCapabilities;
        const isSpecific = protocol.selected === lib.SCARD_PROTOCOL_T0;
        if (isSpecific && !inversConvention) send?.(PPS_REQUEST);
        return next(ext);
      };
      return waitingForRequests(virtualReaderUnderTest(reader));
    },
  },
  {
    fault: "a PPS that failed is not tried again",
    breaks: ["a refused PPS is followed by a plainer try"],
    make() {
      let resets = 0;
      const reader = new VirtualReader({
        wrapLink: (link) => ({
          reset(kind) {
            resets++;
            return link.reset(kind);
          },
          powerOff: () => link.powerOff(),
          send: (bytes) => link.send(bytes),
          receive: (...all) => link.receive(...all),
          get available() {
            return link.available;
          },
        }),
      });
      const { readerFunction } = reader.extension;
      const next = readerFunction[lib.RDF_SET_PROTOCOL]!;
      readerFunction[lib.RDF_SET_PROTOCOL] = async (ext) => {
        const before = resets;
        const status = await next(ext);
        return resets === before || status === lib.STATUS_NO_MEDIA
          ? status
          : lib.STATUS_IO_TIMEOUT;
      };
      return waitingForRequests(virtualReaderUnderTest(reader));
    },
  },
  brokenCallback(
    "DEFAULT leaves the card NEGOTIABLE",
    "DEFAULT and OPTIMAL both end SPECIFIC",
    lib.RDF_SET_PROTOCOL,
    async (ext, next) => {
      const status = await next(ext);
      if (
        status === lib.STATUS_SUCCESS &&
        (ext.minorIoControlCode & lib.SCARD_PROTOCOL_DEFAULT) !== 0
      ) ext.readerCapabilities.currentState = lib.SCARD_NEGOTIABLE;
      return status;
    },
  ),
  brokenDevice(
    "a protocol that the card lacks ends the session",
    "a protocol that the card lacks is NOT_SUPPORTED",
    ({ extension }) => async (irp, next) => {
      const status = await next(irp);
      if (
        irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL &&
        status === lib.STATUS_NOT_SUPPORTED
      ) extension.readerCapabilities.currentState = lib.SCARD_PRESENT;
      return status;
    },
  ),
  brokenDevice(
    "the protocol in force is changed without a reset",
    "a selected protocol cannot be changed without a reset",
    ({ extension }) => (irp, next) => {
      const { protocol } = extension.cardCapabilities;
      const isChange = irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL &&
        extension.readerCapabilities.currentState === lib.SCARD_SPECIFIC &&
        (irp.systemBuffer[0] & protocol.supported) !== 0 &&
        (irp.systemBuffer[0] & protocol.selected) === 0;
      if (!isChange) return next(irp);
      protocol.selected = irp.systemBuffer[0] & protocol.supported;
      return end(irp, lib.STATUS_SUCCESS, 4);
    },
  ),
  brokenDevice(
    "SET_PROTOCOL before the first reset succeeds",
    "SET_PROTOCOL needs a card that was reset",
    ({ extension }) => {
      let wasPowered = false;
      return (irp, next) => {
        const code = irp.ioControlCode;
        wasPowered ||= code === lib.IOCTL_SMARTCARD_POWER;
        return code === lib.IOCTL_SMARTCARD_SET_PROTOCOL && !wasPowered &&
            extension.readerCapabilities.currentState > lib.SCARD_ABSENT
          ? end(irp, lib.STATUS_SUCCESS, 4)
          : next(irp);
      };
    },
  ),
  brokenDevice(
    "DEFAULT alone stands for any protocol",
    "SET_PROTOCOL without a known protocol is INVALID_DEVICE_REQUEST",
    () => (irp, next) => {
      const isSet = irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL;
      if (isSet && irp.inputLength === 4) {
        const [low, , , high] = irp.systemBuffer;
        if (low === 0 && high === 0x80) {
          irp.systemBuffer[0] = lib.SCARD_PROTOCOL_Tx;
        }
      }
      return next(irp);
    },
  ),
  brokenDevice(
    "SET_PROTOCOL without room succeeds",
    "SET_PROTOCOL needs room for four bytes",
    () => (irp, next) =>
      irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL &&
        irp.inputLength === 4 && irp.outputLength < 4
        ? end(irp, lib.STATUS_SUCCESS)
        : next(irp),
  ),
  brokenCallback(
    "T=1 is taken wherever the card has it, even if T=0 is asked for",
    [
      "the mask decides on a card with both protocols",
      "a selected protocol cannot be changed without a reset",
      "a reset ends the selection",
    ],
    lib.RDF_SET_PROTOCOL,
    (ext, next) => {
      const { supported } = ext.cardCapabilities.protocol;
      if ((supported & lib.SCARD_PROTOCOL_T1) !== 0) {
        ext.minorIoControlCode |= lib.SCARD_PROTOCOL_T1;
      }
      return next(ext);
    },
  ),
  brokenLink(
    "a PPS response without PPS1 puts the reader out of action",
    "a PPS answered without PPS1 leaves the default speed",
    (link) => {
      let asked: number | null = null;
      let isLost = false;
      return {
        send(bytes) {
          const isPps = bytes.length === 4 && bytes[0] === 0xFF &&
            (bytes[1] & 0xFE) === 0x10;
          asked = isPps ? bytes[1] & 0x0F : null;
          return link.send(bytes);
        },
        async receive(target, offset, wanted, wait, gap) {
          const count = await link.receive(target, offset, wanted, wait, gap);
          const hasPps0 = offset <= 1 && offset + count > 1;
          isLost ||= hasPps0 && target[0] === 0xFF && target[1] === asked;
          return isLost ? 0 : count;
        },
      };
    },
  ),
  brokenCallback(
    "TA1 11 is something to negotiate",
    "the state after a reset follows the ATR",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      const { atr: { buffer }, protocol } = ext.cardCapabilities;
      const hasTa1 = (buffer[1] & 0x10) !== 0 && buffer[2] === 0x11;
      if (status === lib.STATUS_SUCCESS && hasTa1) {
        ext.readerCapabilities.currentState = lib.SCARD_NEGOTIABLE;
        protocol.selected = lib.SCARD_PROTOCOL_UNDEFINED;
      }
      return status;
    },
  ),
];
