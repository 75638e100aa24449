/**
 * Drivers that are wrong about T=1.
 *
 * @module
 */

import * as lib from "../../src/smclib/mod.ts";
import {
  brokenCallback,
  type BrokenDriver,
  brokenLink,
  isT1,
} from "./broken_driver.ts";

const HEADER_BYTES = 8;
const S_RESYNCH_REQUEST = 0xC0;
const S_IFS_RESPONSE = 0xE1;
const S_WTX_RESPONSE = 0xE3;
/** R-block with error, but for N(R). */
const R_ERROR = 0x80;
/** N(S) in the PCB of an I-block. */
const NUMBER_OF_I_BLOCK = 0x40;
/** Where the IFSC of a plain card of T=1 stands: TS T0 TD1 TD2 TA3. */
const IFSC_OF_ATR = 4;

/** Breaks what is sent as the S-block `pcb` of T=1. */
function spoils(
  fault: string,
  breaks: string | readonly string[],
  pcb: number,
): BrokenDriver {
  return brokenLink(fault, breaks, (link) => ({
    send(bytes) {
      const isBlock = bytes[0] === 0 && bytes[1] === pcb &&
        bytes.length === 4 + bytes[2];
      if (!isBlock) return link.send(bytes);
      const spoilt = bytes.slice();
      spoilt[spoilt.length - 1] ^= 1;
      return link.send(spoilt);
    },
  }));
}

/** Drivers that are wrong about T=1. */
export const brokenT1Drivers: readonly BrokenDriver[] = [
  brokenCallback(
    "no S(IFS request) is sent",
    "T=1 begins with S(IFS request)",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      if (isT1(ext) && ext.t1.state === lib.T1_INIT) ext.t1.suppressIfs();
      return next(ext);
    },
  ),
  spoils(
    "S(WTX response) is damaged",
    [
      "T=1 grants the time that a card asks for",
      "T=1 waits as much longer as the card was granted",
    ],
    S_WTX_RESPONSE,
  ),
  spoils(
    "S(IFS response) is damaged",
    "T=1 follows a card that changes its IFSC",
    S_IFS_RESPONSE,
  ),
  spoils(
    "S(RESYNCH request) is damaged",
    "T=1 resynchronises and repeats the command",
    S_RESYNCH_REQUEST,
  ),
  brokenLink(
    "R-blocks with an error are not sent: the command runs again instead",
    [
      "T=1 asks again for a damaged block",
      "T=1 resynchronises and repeats the command",
    ],
    (link) => ({
      send(bytes) {
        const isError = bytes.length === 4 && bytes[0] === 0 &&
          (bytes[1] & 0xEC) === R_ERROR && (bytes[1] & 3) !== 0;
        return isError ? undefined : link.send(bytes);
      },
    }),
  ),
  brokenCallback(
    "cards with CRC are refused",
    [
      "T=1 sends and takes blocks of 254 bytes",
      "T=1 checks by CRC where the card says so",
    ],
    lib.RDF_SET_PROTOCOL,
    (ext, next) =>
      (ext.cardCapabilities.t1.edc & lib.T1_CRC_CHECK) !== 0
        ? lib.STATUS_NOT_SUPPORTED
        : next(ext),
  ),
  brokenCallback(
    "a chain that ends with a full block is refused",
    "T=1 chains both ways",
    lib.RDF_TRANSMIT,
    (ext, next) => {
      const length = ext.ioRequest.requestBufferLength - HEADER_BYTES;
      const { ifsc } = ext.t1;
      const isCrc = (ext.cardCapabilities.t1.edc & lib.T1_CRC_CHECK) !== 0;
      return isT1(ext) && !isCrc && ifsc === 32 && length === 3 * ifsc
        ? lib.STATUS_INVALID_PARAMETER
        : next(ext);
    },
  ),
  brokenCallback(
    "a card's blocks have 8 bytes at the least",
    "T=1 keeps to small blocks",
    lib.RDF_CARD_POWER,
    async (ext, next) => {
      const status = await next(ext);
      const { buffer, length } = ext.cardCapabilities.atr;
      const ifsc = buffer[IFSC_OF_ATR];
      const isOfT1 = buffer[2] === 0x81 && (buffer[3] & 0x1F) === 0x11;
      if (status !== lib.STATUS_SUCCESS || !isOfT1 || ifsc >= 8) return status;
      const tck = length - 1;
      buffer[IFSC_OF_ATR] = 8;
      buffer[tck] ^= ifsc ^ 8;
      lib.SmartcardUpdateCardCapabilities(ext);
      buffer[IFSC_OF_ATR] = ifsc;
      buffer[tck] ^= ifsc ^ 8;
      return status;
    },
  ),
  brokenCallback(
    "a bad line is reported as unsuccessful",
    [
      "a card that falls silent is IO_TIMEOUT",
      "T=1 gives up on a line that stays bad",
    ],
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      return isT1(ext) && status === lib.STATUS_DEVICE_PROTOCOL_ERROR
        ? lib.STATUS_UNSUCCESSFUL
        : status;
    },
  ),
  brokenCallback(
    "an answer of more than 900 bytes is lost",
    "T=1 carries extended APDUs",
    lib.RDF_TRANSMIT,
    async (ext, next) => {
      const status = await next(ext);
      return ext.ioRequest.information > 900
        ? lib.STATUS_INSUFFICIENT_RESOURCES
        : status;
    },
  ),
  brokenLink(
    "a warm reset does not restart the numbers of blocks",
    [
      "a warm reset of a powered card is one",
      "T=1 numbers blocks from 0 after each reset",
    ],
    (link) => {
      let isWarm = false;
      return {
        reset(kind) {
          isWarm = kind === "warm";
          return link.reset(kind);
        },
        send(bytes) {
          const isInformation = bytes[0] === 0 && (bytes[1] & 0x80) === 0 &&
            bytes.length === 4 + bytes[2];
          if (!isWarm || !isInformation) return link.send(bytes);
          const block = bytes.slice();
          block[1] ^= NUMBER_OF_I_BLOCK;
          block[block.length - 1] ^= NUMBER_OF_I_BLOCK;
          return link.send(block);
        },
      };
    },
  ),
];
