/**
 * Exchanges with card and reader.
 *
 * @module
 */

import { MAX_RESPONSE_BYTES } from "../resource_manager/mod.ts";
import { answer, refusal, type ScardAnswer } from "./answer.ts";
import { checkBytes, checkDword, invalid } from "./checks.ts";
import { SCARD_AUTOALLOCATE, SCARD_IO_REQUEST_LENGTH } from "./constants.ts";
import type { ScardIoRequest } from "./constants.ts";
import { fit, tooSmall } from "./lengths.ts";
import type { WinscardState } from "./options.ts";

/** Shortest room for an answer, in bytes: SW1 and SW2. */
const MIN_RESPONSE_BYTES = 2;
/** Most room that a control request is given, in bytes. */
const MAX_CONTROL_BYTES = 1_048_576;

/** Outputs of SCardTransmit. */
export interface TransmitOutput {
  /** The card's answer, SW1 SW2 at its end; empty after a failure. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** Bytes of the answer, also where there is no room for it. */
  readonly length: number;
  /** Protocol header of the answer; null after a failure. */
  readonly recvPci: ScardIoRequest | null;
}

/** Outputs of SCardControl. */
export interface ControlOutput {
  /** What the reader delivered. */
  readonly output: Uint8Array<ArrayBuffer>;
  /** Bytes of it. */
  readonly length: number;
}

/** Options of SCardTransmit. */
export interface ScardTransmitOptions {
  /** Header that has room for the answer's; null or left out: the caller does not want it. */
  readonly recvPci?: ScardIoRequest | null;
  /**
   * Room for the answer in bytes, 2 at least, no SCARD_AUTOALLOCATE; default enough for
   * any answer. A longer answer is lost.
   */
  readonly maxLength?: number;
}

/** Functions that exchange something with card or reader. */
export interface CardFunctions {
  /**
   * Sends a command to the card. With T=0 GET RESPONSE is the caller's business.
   *
   * @param sendPci SCARD_PCI_T0, SCARD_PCI_T1 or SCARD_PCI_RAW: the active protocol
   * @param send 4 bytes or more; copied
   */
  SCardTransmit(
    hCard: number,
    sendPci: ScardIoRequest,
    send: Uint8Array,
    options?: ScardTransmitOptions,
  ): Promise<ScardAnswer<TransmitOutput>>;
  /** Tells how many exchanges the reader has completed since it came, whoever asked for them. */
  SCardGetTransmitCount(
    hCard: number,
  ): Promise<ScardAnswer<{ readonly transmitCount: number }>>;
  /**
   * Sends a request to the reader; works on direct connections without a card, and
   * while a reset is pending.
   *
   * @param controlCode IOCTL_SMARTCARD_*, SCARD_CTL_CODE(...)
   * @param input copied; null: none
   * @param maxLength room for the output in bytes, no SCARD_AUTOALLOCATE; default 65 546
   */
  SCardControl(
    hCard: number,
    controlCode: number,
    input: Uint8Array | null,
    maxLength?: number,
  ): Promise<ScardAnswer<ControlOutput>>;
}

/** Makes the functions that exchange something with card or reader. */
export function cardFunctions({ handles }: WinscardState): CardFunctions {
  return {
    SCardTransmit: (hCard, sendPci, send, options) =>
      answer<TransmitOutput>(
        { response: new Uint8Array(0), length: 0, recvPci: null },
        async () => {
          const attempt = "transmit";
          const { connection } = handles.card(hCard, attempt);
          const protocol = checkSendPci(sendPci, attempt);
          checkRecvPci(options?.recvPci ?? null, attempt);
          const command = checkBytes(send, "command", attempt);
          const { maxLength = MAX_RESPONSE_BYTES } = options ?? {};
          checkRoom(maxLength, attempt);
          const none = { response: new Uint8Array(0), recvPci: null };
          if (maxLength < MIN_RESPONSE_BYTES) {
            const length = MIN_RESPONSE_BYTES;
            return { ...none, length, ...tooSmall(attempt, length, maxLength) };
          }
          const response = await connection.transmit(command, { protocol });
          const { length } = response;
          const recvPci = { protocol, pciLength: SCARD_IO_REQUEST_LENGTH };
          const full = { response, length, recvPci };
          return fit<TransmitOutput>(
            full,
            { ...none, length },
            maxLength,
            attempt,
          );
        },
      ),

    SCardGetTransmitCount: (hCard) =>
      answer({ transmitCount: 0 }, () => {
        const attempt = "count the exchanges of";
        const { connection } = handles.card(hCard, attempt);
        connection.assertUsable(attempt, false);
        return { transmitCount: connection.reader.transmitCount };
      }),

    SCardControl: (hCard, controlCode, input, maxLength) =>
      answer<ControlOutput>(
        { output: new Uint8Array(0), length: 0 },
        async () => {
          const attempt = "control";
          const { connection } = handles.card(hCard, attempt);
          const code = checkDword(controlCode, "control code", attempt);
          const data = checkBytes(input ?? new Uint8Array(0), "input", attempt);
          if (maxLength !== undefined) checkRoom(maxLength, attempt);
          const output = await connection.control(code, data, {
            outputLength: maxLength === undefined
              ? undefined
              : Math.min(maxLength, MAX_CONTROL_BYTES),
          });
          return { output, length: output.length };
        },
      ),
  };
}

/** Gives the protocol of a header back. */
function checkSendPci(pci: ScardIoRequest, attempt: string): number {
  if (typeof pci !== "object" || pci === null) {
    throw invalid(attempt, "send header", pci, "SCARD_PCI_T0 or the like");
  }
  const length = pciLength(pci, attempt);
  if (length < SCARD_IO_REQUEST_LENGTH) {
    throw invalid(attempt, "length of the send header", length, "8 bytes");
  }
  if (length > SCARD_IO_REQUEST_LENGTH) {
    throw refusal(
      "SCARD_E_UNSUPPORTED_FEATURE",
      attempt,
      `the send header has ${length} bytes`,
      `${SCARD_IO_REQUEST_LENGTH}: no protocol here has more to say`,
    );
  }
  return checkDword(pci.protocol, "protocol", attempt);
}

function checkRecvPci(pci: ScardIoRequest | null, attempt: string): void {
  if (pci === null) return;
  if (typeof pci !== "object") {
    throw invalid(attempt, "receive header", pci, "a header or null");
  }
  const length = pciLength(pci, attempt);
  if (length >= SCARD_IO_REQUEST_LENGTH) return;
  throw refusal(
    "SCARD_E_PCI_TOO_SMALL",
    attempt,
    `the receive header has ${length} bytes`,
    `${SCARD_IO_REQUEST_LENGTH} at least`,
  );
}

function pciLength(pci: ScardIoRequest, attempt: string): number {
  const { pciLength: length = SCARD_IO_REQUEST_LENGTH } = pci;
  return checkDword(length, "length of a header", attempt);
}

function checkRoom(maxLength: number, attempt: string): void {
  checkDword(maxLength, "length", attempt);
  if (maxLength !== SCARD_AUTOALLOCATE) return;
  throw invalid(attempt, "length", maxLength, "no SCARD_AUTOALLOCATE here");
}
