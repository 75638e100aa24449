/**
 * TRANSMIT: one APDU, up to extended length.
 *
 * @module
 */

import { hex32 } from "../../bytes.ts";
import {
  type Connection,
  ResourceManagerError,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T1,
  type ScardName,
} from "../../resource_manager/mod.ts";
import {
  protocolsOfWire,
  TRANSMIT,
  WIRE_PROTOCOL_ANY_OLD,
  WIRE_PROTOCOL_RAW,
} from "../wire/mod.ts";
import { type CommandHandler, concluded } from "./answer.ts";
import {
  assertCard,
  assertNotLocked,
  assertReader,
  driverFailure,
  refusal,
} from "./checks.ts";

const ATTEMPT = "transmit to";
/** SW1 SW2. */
const SHORTEST_ANSWER_BYTES = 2;
const NAMED: ReadonlySet<ScardName> = new Set<ScardName>([
  "SCARD_E_NO_SMARTCARD",
  "SCARD_E_READER_UNAVAILABLE",
]);

/** The engine's protocol for what a client asked for (2.8). */
function protocolOf(connection: Connection, asked: number): number {
  const { slot, name } = connection.reader;
  const raw = (asked & WIRE_PROTOCOL_RAW) !== 0;
  if (!raw && !slot.present) {
    throw refusal(
      "SCARD_E_NO_SMARTCARD",
      `${ATTEMPT} "${name}"`,
      "no card in the reader, expected one",
    );
  }
  // The protocol belongs to the reader: a direct connection uses what others agreed on.
  if (
    connection.shareMode === "direct" &&
    connection.activeProtocol !== slot.protocol
  ) connection.bind(slot.protocol, slot.grip);
  const protocol = asked === WIRE_PROTOCOL_ANY_OLD
    ? connection.activeProtocol
    : protocolsOfWire(asked);
  if (protocol !== 0 && protocol === connection.activeProtocol) return protocol;
  throw refusal(
    "SCARD_E_PROTO_MISMATCH",
    `${ATTEMPT} "${name}"`,
    `protocol ${hex32(asked)}, expected the one in force`,
  );
}

/** What pcscd's drivers write into the header of an answer: the protocol's number. */
function protocolNumber(protocol: number): number {
  if (protocol === SCARD_PROTOCOL_RAW) return WIRE_PROTOCOL_RAW;
  return protocol === SCARD_PROTOCOL_T1 ? 1 : 0;
}

/** TRANSMIT. */
export const transmit: CommandHandler = (client, body, payload) => {
  const { connection } = client.card(TRANSMIT.get(body, "hCard"));
  const room = TRANSMIT.get(body, "pcbRecvLength");
  let sent = false;
  let needed = 0;
  return concluded(() => {
    if (room < SHORTEST_ANSWER_BYTES) {
      needed = SHORTEST_ANSWER_BYTES;
      throw tooSmall(connection, room);
    }
    assertNotLocked(connection, ATTEMPT);
    assertReader(connection, ATTEMPT);
    assertCard(connection, ATTEMPT);
    const asked = TRANSMIT.get(body, "ioSendPciProtocol");
    const protocol = protocolOf(connection, asked);
    TRANSMIT.set(body, "ioRecvPciProtocol", protocolNumber(protocol));
    sent = true;
    return connection.transmit(payload, { protocol });
  }, (answer) => {
    TRANSMIT.set(body, "pcbRecvLength", answer.length);
    if (answer.length > room) {
      const error = tooSmall(connection, room);
      TRANSMIT.set(body, "rv", client.codeOf(TRANSMIT.name, error));
      return body;
    }
    TRANSMIT.set(body, "rv", 0);
    const whole = new Uint8Array(body.length + answer.length);
    whole.set(body);
    whole.set(answer, body.length);
    return whole;
  }, (error) => {
    TRANSMIT.set(body, "pcbRecvLength", needed);
    const failure = sent ? exchangeFailure(error) : error;
    TRANSMIT.set(body, "rv", client.codeOf(TRANSMIT.name, failure));
    return body;
  });
};

function tooSmall(connection: Connection, room: number): ResourceManagerError {
  return refusal(
    "SCARD_E_INSUFFICIENT_BUFFER",
    `${ATTEMPT} "${connection.reader.name}"`,
    `room for ${room} bytes, expected enough for the answer`,
  );
}

/** The card that goes during an exchange is missing; it was removed from the next command on. */
function exchangeFailure(error: unknown): unknown {
  if (
    error instanceof ResourceManagerError &&
    error.name === "SCARD_W_REMOVED_CARD"
  ) {
    return new ResourceManagerError("SCARD_E_NO_SMARTCARD", error.message, {
      cause: error,
    });
  }
  return driverFailure(error, NAMED);
}
