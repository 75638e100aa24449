/**
 * GENERAL AUTHENTICATE with the management key 9B: external and mutual authentication
 * (SP 800-73-4 Part 2, appendix A.1).
 *
 * @module
 */
import { equalBytes, NO_BYTES } from "../../bytes.ts";
import { fail } from "../file_system/status_words.ts";
import { BLOCK_BYTES, encryptBlock } from "./management_key.ts";
import type { PivSession } from "./session.ts";
import { SW } from "./status_words.ts";
import { tlv } from "./tlv.ts";

/** Tags in the dynamic authentication template 7C. */
export const AUTHENTICATION = {
  TEMPLATE: 0x7c,
  WITNESS: 0x80,
  CHALLENGE: 0x81,
  RESPONSE: 0x82,
  EXPONENTIATION: 0x85,
} as const;

const { TEMPLATE, WITNESS, CHALLENGE, RESPONSE } = AUTHENTICATION;

/**
 * One step: the card's challenge and the host's response, or the card's witness and then the
 * host's challenge with it. Whatever fails or begins anew ends what was proved before.
 *
 * @param objects what the template holds
 * @returns the template that goes back, empty after the last step of an external authentication
 */
export async function authenticateManager(
  session: PivSession,
  objects: ReadonlyMap<number, Uint8Array>,
): Promise<Uint8Array> {
  session.isManager = false;
  const witness = objects.get(WITNESS);
  const challenge = objects.get(CHALLENGE);
  const response = objects.get(RESPONSE);
  if (objects.size === 1) {
    if (witness?.length === 0) return await giveWitness(session);
    if (challenge?.length === 0) return giveChallenge(session);
    if (response?.length === BLOCK_BYTES) {
      return await checkResponse(session, response);
    }
  }
  const isMutual = witness?.length === BLOCK_BYTES &&
    challenge?.length === BLOCK_BYTES;
  const others = objects.size - (response?.length === 0 ? 1 : 0);
  if (!isMutual || others !== 2) return fail(SW.INCORRECT_DATA);
  return await checkWitness(session, witness, challenge);
}

async function giveWitness(session: PivSession): Promise<Uint8Array> {
  const bytes = session.random(BLOCK_BYTES);
  session.give({ kind: "witness", bytes });
  return answer(WITNESS, await encrypted(session, bytes));
}

function giveChallenge(session: PivSession): Uint8Array {
  const bytes = session.random(BLOCK_BYTES);
  session.give({ kind: "challenge", bytes });
  return answer(CHALLENGE, bytes);
}

async function checkResponse(
  session: PivSession,
  response: Uint8Array,
): Promise<Uint8Array> {
  const given = session.challenge;
  if (given?.kind !== "challenge") {
    return fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  }
  const expected = await encrypted(session, given.bytes);
  if (!equalBytes(response, expected)) fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  session.isManager = true;
  return NO_BYTES;
}

async function checkWitness(
  session: PivSession,
  witness: Uint8Array,
  challenge: Uint8Array,
): Promise<Uint8Array> {
  const given = session.challenge;
  if (given?.kind !== "witness" || !equalBytes(witness, given.bytes)) {
    fail(SW.SECURITY_STATUS_NOT_SATISFIED);
  }
  const response = await encrypted(session, challenge);
  session.isManager = true;
  return answer(RESPONSE, response);
}

function encrypted(
  session: PivSession,
  block: Uint8Array,
): Promise<Uint8Array> {
  return encryptBlock(session.memory.state.managementKey, block);
}

function answer(tag: number, value: Uint8Array): Uint8Array {
  return tlv(TEMPLATE, tlv(tag, value));
}
