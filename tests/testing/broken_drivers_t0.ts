/**
 * Drivers that are wrong about T=0.
 *
 * @module
 */

import { readU32le } from "../../src/bytes.ts";
import * as lib from "../../src/smclib/mod.ts";
import {
  brokenCallback,
  type BrokenDriver,
  brokenLink,
  isT1,
} from "./broken_driver.ts";

const HEADER_BYTES = 8;
const NULL_BYTE = 0x60;
/** Reads of NULL in a row after which a driver gives up. */
const MOST_NULLS = 60;

/** Drivers that are wrong about T=0. */
export const brokenT0Drivers: readonly BrokenDriver[] = [
  brokenCallback(
    "four bytes are refused over T=0",
    "T=0 case 1 is four bytes",
    lib.RDF_TRANSMIT,
    (ext, next) =>
      !isT1(ext) && ext.ioRequest.requestBufferLength === HEADER_BYTES + 4
        ? lib.STATUS_INVALID_PARAMETER
        : next(ext),
  ),
  brokenCallback(
    "Le of a case 4 command is dropped over T=0",
    "T=0 refuses case 4 and wrong lengths",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      const { requestBuffer, requestBufferLength } = ext.ioRequest;
      const at = readU32le(requestBuffer, 4);
      const length = requestBufferLength - at;
      if (!isT1(ext) && length > 5 && length === 6 + requestBuffer[at + 4]) {
        ext.ioRequest.requestBufferLength--;
      }
      return next(ext);
    },
  ),
  brokenCallback(
    "6Cxx becomes 6700",
    "T=0 passes 61xx and 6Cxx up",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      const { replyBuffer, information } = ext.ioRequest;
      if (information === 10 && replyBuffer[8] === 0x6C) {
        replyBuffer.set([0x67, 0x00], 8);
      }
      return status;
    },
  ),
  brokenLink(
    "the driver gives up after sixty reads of NULL",
    "T=0 waits as long as NULL comes",
    (link) => {
      let nulls = 0;
      return {
        send(bytes) {
          nulls = 0;
          return link.send(bytes);
        },
        async receive(target, offset, wanted, wait) {
          const count = await link.receive(target, offset, wanted, wait);
          const isNull = count > 0 && target[offset] === NULL_BYTE;
          nulls = isNull ? nulls + 1 : 0;
          return nulls > MOST_NULLS ? 0 : count;
        },
      };
    },
  ),
  brokenCallback(
    "a P3 of 129 is refused over T=0",
    "T=0 case 2 brings what P3 asks for",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      const { requestBuffer, requestBufferLength } = ext.ioRequest;
      return !isT1(ext) && requestBufferLength === 13 &&
          requestBuffer[12] === 129
        ? lib.STATUS_INVALID_PARAMETER
        : next(ext);
    },
  ),
  brokenCallback(
    "three bytes of data are refused over T=0",
    "T=0 case 3 takes 255 bytes",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      const { requestBuffer, requestBufferLength } = ext.ioRequest;
      return !isT1(ext) && requestBufferLength === 16 && requestBuffer[12] === 3
        ? lib.STATUS_INVALID_PARAMETER
        : next(ext);
    },
  ),
  brokenLink(
    "of a hundred bytes asked for singly one is not sent",
    "T=0 obeys procedure bytes",
    (link) => {
      let singles = 0;
      return {
        send(bytes) {
          singles = bytes.length === 1 ? singles + 1 : 0;
          return singles === 50 ? undefined : link.send(bytes);
        },
      };
    },
  ),
];
