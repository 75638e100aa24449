/**
 * Making connections.
 *
 * @module
 */

import {
  type ConnectOptions,
  SCARD_PROTOCOL_Tx,
  type ShareMode,
} from "../../resource_manager/mod.ts";
import {
  COMMANDS,
  CONNECT,
  type ConnectMessage,
  encodeRequest,
  protocolsOfWire,
  wireProtocols,
} from "../wire/mod.ts";
import { assertReaderName, shareModeNumber } from "./arguments.ts";
import { CardLine } from "./card_line.ts";
import { refusedWith } from "./errors.ts";
import type { ServiceAccess } from "./options.ts";
import type { RequestLine } from "./request_line.ts";

/** What a connection begins with. */
export interface Connected {
  /** Its requests. */
  readonly card: CardLine;
  /** How the reader is shared. */
  readonly shareMode: ShareMode;
  /** SCARD_PROTOCOL_* bit, 0 for none. */
  readonly activeProtocol: number;
}

/**
 * Asks the service for a connection, which waits for others' transactions; one that comes
 * after it was called off is given back.
 *
 * @param hContext the service's number of the context
 * @throws {ResourceManagerError} what the service answers
 */
export async function connectCard(
  line: RequestLine,
  access: ServiceAccess,
  hContext: number,
  readerName: string,
  { shareMode = "shared", protocols, signal }: ConnectOptions,
): Promise<Connected> {
  const attempt = `connect to ${JSON.stringify(readerName)}`;
  assertReaderName(readerName, attempt);
  const welcome = protocols ?? (shareMode === "direct" ? 0 : SCARD_PROTOCOL_Tx);
  const body = CONNECT.encode({
    hContext,
    szReader: readerName,
    dwShareMode: shareModeNumber(shareMode, attempt),
    dwPreferredProtocols: wireProtocols(welcome),
  });
  const request = encodeRequest(COMMANDS.CONNECT, body);
  const cardLine = ({ hCard }: ConnectMessage) =>
    new CardLine(line, hCard, access);
  const late = (answer: ConnectMessage) => {
    if (answer.rv === 0) cardLine(answer).forget();
  };
  const answer = await line.run(async (socket) => {
    const { cardTimeoutMs } = access;
    return CONNECT.decode(
      await socket.exchange(request, CONNECT, cardTimeoutMs),
    );
  }, { signal, late });
  if (answer.rv !== 0) throw refusedWith(answer.rv, attempt);
  const activeProtocol = protocolsOfWire(answer.dwActiveProtocol);
  return { card: cardLine(answer), shareMode, activeProtocol };
}
