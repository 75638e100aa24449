/**
 * Drivers that are wrong about TRANSMIT and about requests of several callers.
 *
 * @module
 */

import { writeU32le } from "../../src/bytes.ts";
import * as lib from "../../src/smclib/mod.ts";
import {
  brokenCallback,
  brokenDevice,
  type BrokenDriver,
  end,
  isT1,
  serveWithoutSignal,
} from "./broken_driver.ts";

const HEADER_BYTES = 8;
const NULL_BYTE = 0x60;
/** Commands of a session. */
const MOST_COMMANDS = 90;

function isTransmit({ ioControlCode }: lib.Irp): boolean {
  return ioControlCode === lib.IOCTL_SMARTCARD_TRANSMIT;
}

/** Drivers that are wrong about what TRANSMIT checks and delivers. */
export const brokenTransmitDrivers: readonly BrokenDriver[] = [
  brokenDevice(
    "TRANSMIT goes through before the first SET_PROTOCOL",
    "TRANSMIT needs a protocol",
    ({ extension }) => {
      let wasChosen = false;
      return (irp, next) => {
        wasChosen ||= irp.ioControlCode === lib.IOCTL_SMARTCARD_SET_PROTOCOL;
        return isTransmit(irp) && !wasChosen &&
            extension.readerCapabilities.currentState === lib.SCARD_NEGOTIABLE
          ? end(irp, lib.STATUS_SUCCESS, 10)
          : next(irp);
      };
    },
  ),
  brokenDevice(
    "dwProtocol is not looked at",
    "TRANSMIT with another protocol is INVALID_DEVICE_STATE",
    ({ extension }) => (irp, next) => {
      const { selected } = extension.cardCapabilities.protocol;
      const isReady =
        extension.readerCapabilities.currentState === lib.SCARD_SPECIFIC;
      if (isTransmit(irp) && isReady && irp.inputLength >= HEADER_BYTES) {
        writeU32le(irp.systemBuffer, 0, selected);
      }
      return next(irp);
    },
  ),
  brokenCallback(
    "the header of the reply names both protocols",
    "a reply has a header of its own",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      if (status === lib.STATUS_SUCCESS) {
        writeU32le(ext.ioRequest.replyBuffer, 0, lib.SCARD_PROTOCOL_Tx);
      }
      return status;
    },
  ),
  brokenCallback(
    "the command is taken from byte 8 on, whatever cbPciLength says",
    "cbPciLength says where the command begins",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      writeU32le(ext.ioRequest.requestBuffer, 4, HEADER_BYTES);
      return next(ext);
    },
  ),
  brokenCallback(
    "an answer that does not fit is cut",
    "an answer that does not fit is BUFFER_TOO_SMALL",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      if (status !== lib.STATUS_BUFFER_TOO_SMALL) return status;
      ext.ioRequest.information = ext.ioRequest.replyBufferLength;
      return lib.STATUS_SUCCESS;
    },
  ),
  brokenCallback(
    "an error of the card is an error of the reader",
    "status words are passed up as they are",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      const { replyBuffer, information } = ext.ioRequest;
      return information === 10 && replyBuffer[8] === 0x6A
        ? lib.STATUS_UNSUCCESSFUL
        : status;
    },
  ),
  brokenCallback(
    "a silent card is reported as unsuccessful",
    "a card that falls silent is IO_TIMEOUT",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      return status === lib.STATUS_IO_TIMEOUT
        ? lib.STATUS_UNSUCCESSFUL
        : status;
    },
  ),
  brokenDevice(
    "requests that come together are served last first",
    "many callers at once are answered once each, in order",
    () => {
      const waiting: (() => void)[] = [];
      return (irp, next) => {
        if (!isTransmit(irp)) return next(irp);
        const { promise, resolve } = Promise.withResolvers<number>();
        waiting.push(() => resolve(next(irp)));
        queueMicrotask(() => waiting.pop()?.());
        return promise;
      };
    },
  ),
  brokenDevice(
    "a request that queues cannot be cancelled",
    "a request that still queues can be cancelled",
    () => (irp, next) =>
      isTransmit(irp) ? serveWithoutSignal(irp, next) : next(irp),
  ),
  brokenCallback(
    "data that look like NULL are changed",
    "what is sent comes back",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      const { replyBuffer, information } = ext.ioRequest;
      const data = replyBuffer.subarray(8, information - 2);
      if (data.length >= 40 && data.every((byte) => byte === NULL_BYTE)) {
        data[0] = 0;
      }
      return status;
    },
  ),
  brokenCallback(
    "Le 0 is refused over T=1",
    "256 bytes come in one answer",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      const { requestBuffer, requestBufferLength } = ext.ioRequest;
      return isT1(ext) && requestBufferLength === 13 && requestBuffer[12] === 0
        ? lib.STATUS_INVALID_PARAMETER
        : next(ext);
    },
  ),
  brokenDevice(
    "after ninety commands a session is over",
    "a session lives through many commands",
    () => {
      let commands = 0;
      return (irp, next) => {
        const isPower = irp.ioControlCode === lib.IOCTL_SMARTCARD_POWER;
        if (isPower) commands = 0;
        if (isTransmit(irp)) commands++;
        return commands > MOST_COMMANDS && isTransmit(irp)
          ? end(irp, lib.STATUS_IO_DEVICE_ERROR)
          : next(irp);
      };
    },
  ),
  brokenDevice(
    "a short answer after a long one has a byte too many",
    "each answer is that of its command",
    () => {
      let before = 0;
      return async (irp, next) => {
        const status = await next(irp);
        if (!isTransmit(irp)) return status;
        const { ioStatus } = irp;
        const { information } = ioStatus;
        if (before === 8 + 257 && information === 8 + 5) ioStatus.information++;
        before = information;
        return status;
      };
    },
  ),
];
