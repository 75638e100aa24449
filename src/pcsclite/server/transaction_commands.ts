/**
 * Commands about transactions and state: BEGIN, END, STATUS.
 *
 * @module
 */

import { SCARD_EJECT_CARD } from "../../resource_manager/mod.ts";
import { BEGIN, END, STATUS } from "../wire/mod.ts";
import { answered, type CommandHandler } from "./answer.ts";
import {
  assertCard,
  assertNotLocked,
  assertReader,
  refusal,
} from "./checks.ts";

/** BEGIN_TRANSACTION. */
export const begin: CommandHandler = (client, body) => {
  const card = client.card(BEGIN.get(body, "hCard"), true);
  const { connection } = card;
  return answered(client, BEGIN, body, () => {
    assertReader(connection, "begin a transaction on");
    assertCard(connection, "begin a transaction on");
    return client.lineOf(card).begin(connection);
  });
};

/** END_TRANSACTION: a reset or removal that the client has not heard of leaves its lock as it is. */
export const end: CommandHandler = (client, body) => {
  const { hCard, dwDisposition } = END.decode(body);
  const { connection } = client.card(hCard);
  const attempt = "end a transaction on";
  return answered(client, END, body, () => {
    if (dwDisposition > SCARD_EJECT_CARD) {
      throw refusal(
        "SCARD_E_INVALID_VALUE",
        attempt,
        `disposition ${dwDisposition}, expected 0 to ${SCARD_EJECT_CARD}`,
      );
    }
    assertReader(connection, attempt);
    assertCard(connection, attempt);
    assertNotLocked(connection, attempt);
    return connection.endTransaction(dwDisposition);
  });
};

/** STATUS: whether the connection is good; what it is good for stands in the state array. */
export const status: CommandHandler = (client, body) => {
  const { connection } = client.card(STATUS.get(body, "hCard"));
  const attempt = "read the status of";
  return answered(client, STATUS, body, () => {
    assertNotLocked(connection, attempt);
    assertReader(connection, attempt);
    assertCard(connection, attempt);
  });
};
