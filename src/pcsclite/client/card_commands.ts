/**
 * What a connection asks of its card and reader.
 *
 * @module
 */

import {
  type ConnectionStatus,
  type ReconnectOptions,
  SCARD_LEAVE_CARD,
  SCARD_SPECIFIC,
  SCARD_UNPOWER_CARD,
} from "../../resource_manager/mod.ts";
import {
  ATTRIBUTE,
  COMMANDS,
  CONTROL,
  MAX_ATTRIBUTE_BYTES,
  MAX_PAYLOAD_BYTES,
  protocolsOfWire,
  RECONNECT,
  STATUS,
  TRANSMIT,
  WIRE_PROTOCOL_ANY_OLD,
  wireProtocols,
} from "../wire/mod.ts";
import {
  assertCommand,
  assertDisposition,
  assertRoom,
  driverControlCode,
  shareModeNumber,
} from "./arguments.ts";
import type { CardLine } from "./card_line.ts";
import { failure } from "./errors.ts";
import { atrOf, cardStateOf } from "./state_words.ts";

/** Length of a protocol header as 64-bit clients have it. */
const PCI_BYTES = 16;

/** See `PcscLiteConnection.transmit`. */
export async function transmit(
  card: CardLine,
  attempt: string,
  apdu: Uint8Array,
  protocol: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  assertCommand(apdu.length, attempt);
  const question = card.question({
    command: COMMANDS.TRANSMIT,
    struct: TRANSMIT,
    body: {
      ioSendPciProtocol: wireProtocols(protocol),
      ioSendPciLength: PCI_BYTES,
      cbSendLength: apdu.length,
      ioRecvPciProtocol: WIRE_PROTOCOL_ANY_OLD,
      ioRecvPciLength: PCI_BYTES,
      pcbRecvLength: MAX_PAYLOAD_BYTES,
    },
    payload: apdu,
    restOf: (answer) => answer.pcbRecvLength,
    mostRest: MAX_PAYLOAD_BYTES,
  });
  return (await card.askInTurn(attempt, question, signal)).rest;
}

/** See `PcscLiteConnection.status`. */
export async function status(
  card: CardLine,
  attempt: string,
  readerName: string,
  signal?: AbortSignal,
): Promise<ConnectionStatus> {
  const command = COMMANDS.STATUS;
  const question = card.question({ command, struct: STATUS });
  await card.askInTurn(attempt, question, signal);
  const readers = await card.line.readers({ signal });
  const entry = readers.find((one) => one.readerName === readerName);
  if (entry === undefined) {
    const found = "the reader has left";
    const expected = "one that is there";
    throw failure("SCARD_E_READER_UNAVAILABLE", attempt, found, expected);
  }
  const state = cardStateOf(entry);
  const protocol = protocolsOfWire(entry.cardProtocol);
  return {
    readerNames: [readerName],
    state,
    protocol: state === SCARD_SPECIFIC ? protocol : 0,
    atr: atrOf(entry),
  };
}

/** See `PcscLiteConnection.control`. */
export async function control(
  card: CardLine,
  attempt: string,
  code: number,
  input: Uint8Array,
  { signal, outputLength = MAX_PAYLOAD_BYTES }: {
    signal?: AbortSignal;
    outputLength?: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  assertRoom(input.length, attempt, MAX_PAYLOAD_BYTES);
  const room = Math.min(outputLength, MAX_PAYLOAD_BYTES);
  const question = card.question({
    command: COMMANDS.CONTROL,
    struct: CONTROL,
    body: {
      dwControlCode: driverControlCode(code),
      cbSendLength: input.length,
      cbRecvLength: room,
    },
    payload: input,
    restOf: (answer) => answer.dwBytesReturned,
    mostRest: room,
  });
  return (await card.ask(attempt, question, signal)).rest;
}

/** See `PcscLiteConnection.getAttribute`. */
export async function getAttribute(
  card: CardLine,
  attempt: string,
  tag: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const question = card.question({
    command: COMMANDS.GET_ATTRIB,
    struct: ATTRIBUTE,
    body: { dwAttrId: tag, cbAttrLen: MAX_ATTRIBUTE_BYTES },
  });
  const { answer } = await card.ask(attempt, question, signal);
  const { pbAttr, cbAttrLen } = answer;
  if (cbAttrLen <= pbAttr.length) return pbAttr.slice(0, cbAttrLen);
  const found = `an attribute of ${cbAttrLen} bytes`;
  const expected = `${pbAttr.length} at most`;
  throw failure("SCARD_F_COMM_ERROR", attempt, found, expected);
}

/** See `PcscLiteConnection.setAttribute`. */
export async function setAttribute(
  card: CardLine,
  attempt: string,
  tag: number,
  value: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  assertRoom(value.length, attempt);
  const question = card.question({
    command: COMMANDS.SET_ATTRIB,
    struct: ATTRIBUTE,
    body: {
      dwAttrId: tag,
      pbAttr: Uint8Array.from(value),
      cbAttrLen: value.length,
    },
  });
  await card.ask(attempt, question, signal);
}

/** See `PcscLiteConnection.reconnect`. */
export async function reconnect(
  card: CardLine,
  attempt: string,
  options: ReconnectOptions,
): Promise<number> {
  const { shareMode, protocols, signal } = options;
  const { initialization = SCARD_LEAVE_CARD } = options;
  const dwShareMode = shareModeNumber(shareMode, attempt);
  assertDisposition(initialization, attempt, SCARD_UNPOWER_CARD);
  const question = card.question({
    command: COMMANDS.RECONNECT,
    struct: RECONNECT,
    body: {
      dwShareMode,
      dwPreferredProtocols: wireProtocols(protocols),
      dwInitialization: initialization,
    },
  });
  const answer = shareMode === "exclusive"
    ? (await card.ask(attempt, question, signal)).answer
    : await card.askAgain(attempt, question, signal);
  return protocolsOfWire(answer.dwActiveProtocol);
}
