/**
 * GET_ATTRIB and SET_ATTRIB.
 *
 * @module
 */

import type { Connection, ScardName } from "../../resource_manager/mod.ts";
import { ATTRIBUTE, MAX_ATTRIBUTE_BYTES } from "../wire/mod.ts";
import { answered, type CommandHandler, concluded } from "./answer.ts";
import {
  assertCard,
  assertNotLocked,
  assertReader,
  driverFailure,
  refusal,
} from "./checks.ts";

/** Names of the reader (SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, _SYSTEM_NAME_A): pcscd has one for both. */
const NAMES: ReadonlySet<number> = new Set([0x7FFF0003, 0x7FFF0004]);
/** The same in UTF-16 (_W), which pcscd does not have. */
const WIDE_NAMES: ReadonlySet<number> = new Set([0x7FFF0005, 0x7FFF0006]);
const NAMED: ReadonlySet<ScardName> = new Set<ScardName>([
  "SCARD_E_UNSUPPORTED_FEATURE",
  "SCARD_E_INSUFFICIENT_BUFFER",
  "SCARD_E_READER_UNAVAILABLE",
]);

function check(connection: Connection, attempt: string): void {
  assertNotLocked(connection, attempt);
  assertReader(connection, attempt);
  assertCard(connection, attempt);
}

function read(
  connection: Connection,
  tag: number,
): Uint8Array | Promise<Uint8Array> {
  const { name } = connection.reader;
  if (NAMES.has(tag)) return new TextEncoder().encode(`${name}\0`);
  if (!WIDE_NAMES.has(tag)) return connection.getAttribute(tag);
  throw refusal(
    "SCARD_E_UNSUPPORTED_FEATURE",
    `read an attribute of "${name}"`,
    "a name in UTF-16, expected an attribute of pcsc-lite",
  );
}

/** GET_ATTRIB: 264 bytes at most. */
export const getAttribute: CommandHandler = (client, body) => {
  const { hCard, dwAttrId, cbAttrLen } = ATTRIBUTE.decode(body);
  const { connection } = client.card(hCard);
  const room = Math.min(cbAttrLen, MAX_ATTRIBUTE_BYTES);
  const attempt = "read an attribute of";
  return concluded(
    () => {
      check(connection, attempt);
      ATTRIBUTE.set(body, "cbAttrLen", 0);
      return read(connection, dwAttrId);
    },
    (value) => {
      ATTRIBUTE.set(body, "cbAttrLen", value.length);
      if (value.length > room) {
        const error = refusal(
          "SCARD_E_INSUFFICIENT_BUFFER",
          `${attempt} "${connection.reader.name}"`,
          `it has ${value.length} bytes, expected ${room} at most`,
        );
        ATTRIBUTE.set(body, "rv", client.codeOf("GET_ATTRIB", error));
        return body;
      }
      ATTRIBUTE.set(body, "pbAttr", Uint8Array.from(value));
      ATTRIBUTE.set(body, "rv", 0);
      return body;
    },
    (error) => {
      const failure = driverFailure(error, NAMED);
      ATTRIBUTE.set(body, "rv", client.codeOf("GET_ATTRIB", failure));
      return body;
    },
  );
};

/** SET_ATTRIB: what fails is SCARD_E_NOT_TRANSACTED, except for attributes that nobody knows. */
export const setAttribute: CommandHandler = (client, body) => {
  const { hCard, dwAttrId, pbAttr, cbAttrLen } = ATTRIBUTE.decode(body);
  const { connection } = client.card(hCard);
  const attempt = "set an attribute of";
  return answered(client, ATTRIBUTE, body, () => {
    check(connection, attempt);
    return concluded(
      () => connection.setAttribute(dwAttrId, pbAttr.subarray(0, cbAttrLen)),
      () => {},
      (error) => {
        throw driverFailure(error, NAMED);
      },
    );
  });
};
