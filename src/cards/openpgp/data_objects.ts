/**
 * The data objects that GET DATA reads (specification 3.4, 4.4.1).
 *
 * @module
 */

import { fromHex, NO_BYTES } from "../../bytes.ts";
import { algorithmInformation } from "./algorithms.ts";
import { numberBytes } from "../crypto/big_numbers.ts";
import { LONGEST_PASSWORD_BYTES } from "./passwords.ts";
import type { Access, OpenPgpSession } from "./session.ts";
import type { OpenPgpState } from "./state.ts";
import { concatBytes, encodeObject } from "./tlv.ts";

/** The application, of whatever version and maker. */
export const OPENPGP_RID_PIX: Uint8Array = fromHex("D27600012401");
/** Version 3.4, and FFFF, the maker of test cards. */
const VERSION_AND_MAKER = fromHex("0304FFFF");

/**
 * Historical bytes, also those of the ATR: no MF, selection by full and partial name,
 * GET DATA; command chaining, extended length, its limits in 7F66; in use.
 */
export const HISTORICAL_BYTES: Uint8Array = fromHex("0031C573C001E0059000");

/** Most bytes of a command, and of a response. */
export const LONGEST_MESSAGE_BYTES: number = 0x2000;
/** Most bytes of GET CHALLENGE. */
export const LONGEST_CHALLENGE_BYTES: number = 0x0800;
/** Most bytes of a certificate. */
export const LONGEST_CERTIFICATE_BYTES: number = 0x1000;
/** Most bytes of login data, URL, and each private object. */
export const LONGEST_SPECIAL_BYTES: number = 0x0400;

/**
 * GET CHALLENGE, import of keys, changeable C4, private objects, changeable attributes; no
 * secure messaging; the limits; no PIN block 2; MANAGE SECURITY ENVIRONMENT.
 */
const EXTENDED_CAPABILITIES = concatBytes(
  fromHex("7C00"),
  word(LONGEST_CHALLENGE_BYTES),
  word(LONGEST_CERTIFICATE_BYTES),
  word(LONGEST_SPECIAL_BYTES),
  fromHex("0001"),
);
const LENGTH_INFORMATION = concatBytes(
  encodeObject(0x02, word(LONGEST_MESSAGE_BYTES)),
  encodeObject(0x02, word(LONGEST_MESSAGE_BYTES)),
);

/** Objects that consist of others, in the order of 4.4.1. */
const TEMPLATES: ReadonlyMap<number, readonly number[]> = new Map([
  [0x65, [0x5b, 0x5f2d, 0x5f35]],
  [0x6e, [0x4f, 0x5f52, 0x7f66, 0x73]],
  [0x73, [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xcd, 0xde]],
  [0x7a, [0x93]],
]);

/** Objects that the card makes from its state. */
const MADE: ReadonlyMap<number, (state: Readonly<OpenPgpState>) => Uint8Array> =
  new Map([
    [0x4f, openPgpAid],
    [0x5f52, () => HISTORICAL_BYTES],
    [0x7f66, () => LENGTH_INFORMATION],
    [0x93, ({ signatures }) => numberBytes(BigInt(signatures), 3)],
    [0xc0, () => EXTENDED_CAPABILITIES],
    [0xc1, ({ keys }) => keys[0].attributes],
    [0xc2, ({ keys }) => keys[1].attributes],
    [0xc3, ({ keys }) => keys[2].attributes],
    [0xc4, passwordStatus],
    [0xc5, ({ keys }) => concatBytes(...keys.map((key) => key.fingerprint))],
    [0xc6, ({ keys }) => concatBytes(...keys.map((key) => key.caFingerprint))],
    [0xcd, ({ keys }) => concatBytes(...keys.map((key) => key.time))],
    [0xde, keyInformation],
    [0xfa, algorithmInformation],
  ]);

/** Objects that hold what was put, and what they hold before; who may read them. */
const PLAIN: ReadonlyMap<number, { initial: Uint8Array; access: Access }> =
  new Map([
    [0x5b, plain()],
    [0x5e, plain()],
    [0x5f2d, plain()],
    [0x5f35, { initial: Uint8Array.of(0x39), access: "always" }],
    [0x5f50, plain()],
    [0x0101, plain()],
    [0x0102, plain()],
    [0x0103, plain(0x82)],
    [0x0104, plain(0x83)],
  ]);

const TAG_CERTIFICATE = 0x7f21;

function plain(
  access: Access = "always",
): { initial: Uint8Array; access: Access } {
  return { initial: NO_BYTES, access };
}

/** The value of a data object, a template's as its members; null when there is no such object. Ends the command with 6982 for who may not read it. */
export function readObject(
  session: OpenPgpSession,
  tag: number,
): Uint8Array | null {
  const { state } = session.memory;
  const make = MADE.get(tag);
  if (make !== undefined) return make(state);
  if (tag === TAG_CERTIFICATE) return state.certificates[session.certificate];
  const members = TEMPLATES.get(tag);
  if (members !== undefined) {
    return concatBytes(
      ...members.map((member) =>
        encodeObject(member, readObject(session, member) ?? NO_BYTES)
      ),
    );
  }
  const object = PLAIN.get(tag);
  if (object === undefined) return null;
  session.require(object.access);
  return state.objects.get(tag) ?? object.initial;
}

/** The application identifier of this card, 16 bytes (4.2.1). */
export function openPgpAid(
  { serialNumber }: Readonly<OpenPgpState>,
): Uint8Array {
  return concatBytes(
    OPENPGP_RID_PIX,
    VERSION_AND_MAKER,
    numberBytes(BigInt(serialNumber), 4),
    new Uint8Array(2),
  );
}

/** Whether PW1 lasts; the longest PW1, resetting code and PW3; the tries that each has. */
function passwordStatus(
  { isPw1ForMany, passwords }: Readonly<OpenPgpState>,
): Uint8Array {
  return Uint8Array.of(
    Number(isPw1ForMany),
    LONGEST_PASSWORD_BYTES,
    LONGEST_PASSWORD_BYTES,
    LONGEST_PASSWORD_BYTES,
    passwords.pw1.triesLeft,
    passwords.resetCode.triesLeft,
    passwords.pw3.triesLeft,
  );
}

/** Reference and origin of each key. */
function keyInformation({ keys }: Readonly<OpenPgpState>): Uint8Array {
  return Uint8Array.from(keys.flatMap(({ origin }, index) => [
    index + 1,
    origin,
  ]));
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}
