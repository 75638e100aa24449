/**
 * SELECT, GET DATA and PUT DATA (SP 800-73-4 Part 2, 3.1.1, 3.1.2 and 3.3.1).
 *
 * @module
 */
import {
  chain,
  equalBytes,
  fromHex,
  type MaybePromise,
  NO_BYTES,
} from "../../bytes.ts";
import type { CardCommand } from "../apdu.ts";
import { fail } from "../file_system/status_words.ts";
import {
  contentOf,
  isBare,
  isObjectTag,
  MAX_OBJECT_BYTES,
  needsPin,
  PIV_AID,
  wrapObject,
} from "./data_objects.ts";
import { ALGORITHM } from "./key_references.ts";
import type { PivSession } from "./session.ts";
import { SW } from "./status_words.ts";
import { readOnly, readTlvMap, tlv } from "./tlv.ts";

const AID = fromHex(PIV_AID);
/** The provider's part of the AID, NIST. */
const PROVIDER_BYTES = 5;
/** Tag list: which object is meant. */
const TAG_LIST = 0x5c;
const LONGEST_TAG_BYTES = 3;

/** Application property template (table 3 of Part 2). */
const PROPERTIES = tlv(
  0x61,
  tlv(0x4f, AID.subarray(PROVIDER_BYTES)),
  tlv(0x79, tlv(0x4f, AID.subarray(0, PROVIDER_BYTES))),
  tlv(0x50, new TextEncoder().encode("Virtual PIV card for tests")),
  tlv(
    0xac,
    ...Object.values(ALGORITHM).map((id) => tlv(0x80, Uint8Array.of(id))),
    tlv(0x06, Uint8Array.of(0x00)),
  ),
);

/**
 * The AID, as a whole or its beginning with the provider in it. The application is always selected,
 * so this changes nothing, and another AID leaves all as it is.
 */
export function select(
  _session: PivSession,
  { p1, p2, data }: CardCommand,
): Uint8Array {
  if (p1 !== 0x04 || p2 !== 0x00) fail(SW.INCORRECT_P1_P2);
  const isOurs = data.length >= PROVIDER_BYTES &&
    equalBytes(data, AID.subarray(0, data.length));
  return isOurs ? PROPERTIES : fail(SW.NOT_FOUND);
}

/** One object by its tag. */
export function getData(session: PivSession, command: CardCommand): Uint8Array {
  requireDataField(command);
  const list = readOnly(command.data, TAG_LIST) ?? fail(SW.INCORRECT_DATA);
  const tag = tagOf(list);
  const content = session.memory.state.objects.get(tag);
  if (content === undefined) return fail(SW.NOT_FOUND);
  if (needsPin(tag) && !session.isPinVerified) {
    fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  }
  return wrapObject(tag, content);
}

/** Writes an object; no content deletes it. Takes the management key. */
export function putData(
  session: PivSession,
  command: CardCommand,
): MaybePromise<Uint8Array> {
  requireDataField(command);
  if (!session.isManager) fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  const { tag, content } = objectIn(command.data);
  if (!isObjectTag(tag)) fail(SW.FUNCTION_NOT_SUPPORTED);
  if (content.length > MAX_OBJECT_BYTES) fail(SW.NOT_ENOUGH_MEMORY);
  const { memory } = session;
  const objects = new Map(memory.state.objects);
  if (content.length === 0) objects.delete(tag);
  else objects.set(tag, content.slice());
  return chain(memory.commit({ objects }), () => NO_BYTES);
}

/** P1 P2 say that the data field names the object. */
function requireDataField({ p1, p2 }: CardCommand): void {
  if (p1 !== 0x3f || p2 !== 0xff) fail(SW.INCORRECT_P1_P2);
}

/** 5C with a tag and 53 with the content, or an object in its own tag. */
function objectIn(data: Uint8Array): { tag: number; content: Uint8Array } {
  const objects = readTlvMap(data) ?? fail(SW.INCORRECT_DATA);
  if (objects.size === 1) {
    for (const [tag, content] of objects) {
      if (isBare(tag)) return { tag, content };
    }
  }
  const list = objects.get(TAG_LIST);
  const content = contentOf(objects);
  if (list === undefined || content === undefined || objects.size !== 2) {
    return fail(SW.INCORRECT_DATA);
  }
  const tag = tagOf(list);
  return isBare(tag) ? fail(SW.INCORRECT_DATA) : { tag, content };
}

function tagOf(list: Uint8Array): number {
  if (list.length === 0 || list.length > LONGEST_TAG_BYTES) {
    fail(SW.INCORRECT_DATA);
  }
  return list.reduce((tag, byte) => tag << 8 | byte, 0);
}
