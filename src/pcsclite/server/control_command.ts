/**
 * CONTROL: requests to the driver.
 *
 * @module
 */

import {
  type Connection,
  ResourceManagerError,
  type ScardName,
} from "../../resource_manager/mod.ts";
import {
  CONTROL,
  MAX_PAYLOAD_BYTES,
  windowsControlCodeOf,
} from "../wire/mod.ts";
import { type CommandHandler, concluded } from "./answer.ts";
import {
  assertNotLocked,
  assertReader,
  driverFailure,
  refusal,
} from "./checks.ts";
import { asksForFeatures, ownAnswer, wireFeatures } from "./features.ts";

const ATTEMPT = "control";
const NAMED: ReadonlySet<ScardName> = new Set<ScardName>([
  "SCARD_E_UNSUPPORTED_FEATURE",
  "SCARD_E_INSUFFICIENT_BUFFER",
  "SCARD_E_READER_UNAVAILABLE",
]);

/** What the driver says, or the server where the driver has nothing to say. */
function ask(
  connection: Connection,
  code: number,
  input: Uint8Array,
  room: number,
): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> {
  return concluded(
    () =>
      connection.control(windowsControlCodeOf(code), input, {
        outputLength: Math.min(room, MAX_PAYLOAD_BYTES),
      }),
    (output) => asksForFeatures(code) ? wireFeatures(output) : output,
    (error) => {
      const own = isUnsupported(error) ? ownAnswer(code) : null;
      if (own === null) throw driverFailure(error, NAMED);
      if (own.length <= room) return own;
      throw refusal(
        "SCARD_E_INSUFFICIENT_BUFFER",
        `${ATTEMPT} "${connection.reader.name}"`,
        `room for ${room} bytes, expected ${own.length}`,
      );
    },
  );
}

function isUnsupported(error: unknown): boolean {
  return error instanceof ResourceManagerError &&
    error.name === "SCARD_E_UNSUPPORTED_FEATURE";
}

/** CONTROL: a reset or removal of the card is no hindrance. */
export const control: CommandHandler = (client, body, payload) => {
  const { connection } = client.card(CONTROL.get(body, "hCard"));
  const code = CONTROL.get(body, "dwControlCode");
  const room = CONTROL.get(body, "cbRecvLength");
  return concluded(
    () => {
      assertNotLocked(connection, ATTEMPT);
      assertReader(connection, ATTEMPT);
      return ask(connection, code, payload, room);
    },
    (output) => {
      CONTROL.set(body, "dwBytesReturned", output.length);
      CONTROL.set(body, "rv", 0);
      const whole = new Uint8Array(body.length + output.length);
      whole.set(body);
      whole.set(output, body.length);
      return whole;
    },
    (error) => {
      CONTROL.set(body, "dwBytesReturned", 0);
      CONTROL.set(body, "rv", client.codeOf(CONTROL.name, error));
      return body;
    },
  );
};
