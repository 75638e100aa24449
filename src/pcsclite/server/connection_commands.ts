/**
 * Commands that make and end connections: CONNECT, RECONNECT, DISCONNECT.
 *
 * @module
 */

import { hex32 } from "../../bytes.ts";
import {
  type Connection,
  ResourceManagerError,
  SCARD_EJECT_CARD,
  SCARD_PROTOCOL_RAW,
  SCARD_RESET_CARD,
  SCARD_SHARE_DIRECT,
  SCARD_SHARE_EXCLUSIVE,
  SCARD_SHARE_SHARED,
  SCARD_UNPOWER_CARD,
  type ShareMode,
} from "../../resource_manager/mod.ts";
import {
  CONNECT,
  DISCONNECT,
  MAX_CARDS_PER_CONTEXT,
  MAX_CARDS_PER_READER,
  protocolsOfWire,
  RECONNECT,
  wireProtocols,
} from "../wire/mod.ts";
import { answered, type CommandHandler } from "./answer.ts";
import { assertNotLocked, assertReader, refusal } from "./checks.ts";
import type { Client } from "./client.ts";

const SHARE_MODES: ReadonlyMap<number, ShareMode> = new Map([
  [SCARD_SHARE_SHARED, "shared"],
  [SCARD_SHARE_EXCLUSIVE, "exclusive"],
  [SCARD_SHARE_DIRECT, "direct"],
]);

function shareModeOf(mode: number, attempt: string): ShareMode {
  const shareMode = SHARE_MODES.get(mode);
  if (shareMode !== undefined) return shareMode;
  throw refusal(
    "SCARD_E_INVALID_VALUE",
    attempt,
    `share mode ${mode}, expected 1 to 3`,
  );
}

/** The engine's mask; a direct connection negotiates nothing, but may want the raw protocol. */
function wantedProtocols(mask: number, mode: number, attempt: string): number {
  const protocols = protocolsOfWire(mask);
  if (mode === SCARD_SHARE_DIRECT) return protocols & SCARD_PROTOCOL_RAW;
  if (protocols !== 0) return protocols;
  throw refusal(
    "SCARD_E_PROTO_MISMATCH",
    attempt,
    `protocols ${hex32(mask)}, expected T=0, T=1 or raw`,
  );
}

/** What is in force at the reader, also for a connection that negotiated nothing. */
function activeProtocol({ activeProtocol, reader }: Connection): number {
  return wireProtocols(activeProtocol || reader.slot.protocol);
}

/** CONNECT (2.7). */
export const connect: CommandHandler = (client, body) => {
  const { szReader, hContext, dwShareMode, dwPreferredProtocols } = CONNECT
    .decode(body);
  const attempt = `connect to ${JSON.stringify(szReader)}`;
  CONNECT.set(body, "hCard", 0);
  CONNECT.set(body, "dwActiveProtocol", 0);
  return answered(client, CONNECT, body, async () => {
    const protocols = wantedProtocols(
      dwPreferredProtocols,
      dwShareMode,
      attempt,
    );
    const shareMode = shareModeOf(dwShareMode, attempt);
    const { context } = client;
    if (context === null) {
      throw refusal(
        "SCARD_E_INVALID_HANDLE",
        attempt,
        "the client has no context, expected one",
      );
    }
    const reader = client.hall.board.find(szReader, client);
    if (reader === undefined) {
      throw refusal(
        "SCARD_E_UNKNOWN_READER",
        attempt,
        "no reader has this name, expected one that is there",
      );
    }
    const calledOff = client.connecting = new AbortController();
    try {
      const connection = await context.connect(reader.name, {
        shareMode,
        protocols,
        signal: calledOff.signal,
      });
      return keep(client, connection, hContext, attempt);
    } catch (error) {
      if (isSecurityViolation(error)) CONNECT.set(body, "hCard", -1);
      // Who wants a card alone learns last that it has others: the protocol stands by then.
      if (shareMode === "exclusive" && reader.shown.count("exclusive") === 0) {
        const { protocol } = reader.slot;
        CONNECT.set(body, "dwActiveProtocol", wireProtocols(protocol));
      }
      throw error;
    } finally {
      client.connecting = null;
    }
  }, (connection) => {
    const { hCard } = client.add(connection);
    CONNECT.set(body, "hCard", hCard);
    CONNECT.set(body, "dwActiveProtocol", activeProtocol(connection));
  });
};

/** Refuses what pcscd finds out last: the connection ends, and the card stays as it is. */
async function keep(
  client: Client,
  connection: Connection,
  hContext: number,
  attempt: string,
): Promise<Connection> {
  let refused: ResourceManagerError | null = null;
  if (client.hContext !== hContext) {
    refused = refusal(
      "SCARD_E_INVALID_VALUE",
      attempt,
      `context ${hContext} is not the client's, expected its own`,
    );
  } else if (connection.reader.connections.size > MAX_CARDS_PER_READER) {
    refused = refusal(
      "SCARD_F_INTERNAL_ERROR",
      attempt,
      `the reader has too many connections, expected ${MAX_CARDS_PER_READER} at most`,
    );
  } else if (client.cards.size >= MAX_CARDS_PER_CONTEXT) {
    refused = refusal(
      "SCARD_E_NO_MEMORY",
      attempt,
      `the context has ${client.cards.size} connections, expected ${MAX_CARDS_PER_CONTEXT} at most`,
    );
  }
  if (refused === null) return connection;
  await connection.disconnect();
  throw refused;
}

function isSecurityViolation(error: unknown): boolean {
  return error instanceof ResourceManagerError &&
    error.name === "SCARD_W_SECURITY_VIOLATION";
}

/** RECONNECT. */
export const reconnect: CommandHandler = (client, body) => {
  const request = RECONNECT.decode(body);
  const { dwInitialization, dwShareMode, dwPreferredProtocols } = request;
  const { connection } = client.card(request.hCard);
  const { slot } = connection.reader;
  const attempt = "reconnect to";
  RECONNECT.set(body, "dwActiveProtocol", 0);
  return answered(client, RECONNECT, body, async () => {
    if (dwInitialization > SCARD_UNPOWER_CARD) {
      throw refusal(
        "SCARD_E_INVALID_VALUE",
        attempt,
        `initialization ${dwInitialization}, expected 0 to 2`,
      );
    }
    const shareMode = shareModeOf(dwShareMode, attempt);
    const protocols = wantedProtocols(
      dwPreferredProtocols,
      dwShareMode,
      attempt,
    );
    assertReader(connection, attempt);
    assertNotLocked(connection, attempt);
    connection.reader.notice();
    if (!slot.present) {
      throw refusal(
        "SCARD_E_NO_SMARTCARD",
        attempt,
        "no card in the reader, expected one",
      );
    }
    try {
      await connection.reconnect({
        shareMode,
        protocols,
        initialization: dwInitialization,
      });
    } catch (error) {
      throw muteOnReconnect(error);
    }
  }, () => {
    RECONNECT.set(body, "dwActiveProtocol", activeProtocol(connection));
  });
};

/** A mute card is SCARD_W_UNPOWERED_CARD to CONNECT alone. */
function muteOnReconnect(error: unknown): unknown {
  if (
    !(error instanceof ResourceManagerError) ||
    error.name !== "SCARD_W_UNPOWERED_CARD"
  ) return error;
  return new ResourceManagerError("SCARD_W_UNRESPONSIVE_CARD", error.message, {
    cause: error,
  });
}

/** DISCONNECT; a reader that has vanished is no error. */
export const disconnect: CommandHandler = (client, body) => {
  const { hCard, dwDisposition } = DISCONNECT.decode(body);
  const card = client.card(hCard);
  const { connection } = card;
  return answered(
    client,
    DISCONNECT,
    body,
    () => connection.disconnect(dwDisposition),
    () => {
      client.forget(card);
      if (
        dwDisposition > SCARD_RESET_CARD && dwDisposition <= SCARD_EJECT_CARD
      ) client.hall.board.noteUnpowered(connection.reader);
    },
  );
};
