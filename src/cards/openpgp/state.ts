/**
 * What the card keeps from power-on to power-on.
 *
 * @module
 */

import { NO_BYTES } from "../../bytes.ts";
import {
  attributesOf,
  isOpenPgpAlgorithm,
  type OpenPgpAlgorithm,
} from "./algorithms.ts";
import type { CardKey } from "./keys.ts";
import { SLOTS } from "./slots.ts";

/** Tries of each password. */
export const PASSWORD_TRIES: number = 3;

/** The passwords by name: the user's, the administrator's, and the resetting code. */
export type PasswordName = "pw1" | "pw3" | "resetCode";

/** A password; without value it is blocked. */
export interface PasswordState {
  value: Uint8Array;
  /** 0..3. */
  triesLeft: number;
}

/** What belongs to a key. */
export interface KeyState {
  attributes: Uint8Array;
  key: CardKey | null;
  /** As DE tells it: 0 no key, 1 generated on the card, 2 imported. */
  origin: number;
  /** 20 bytes. */
  fingerprint: Uint8Array;
  /** 20 bytes. */
  caFingerprint: Uint8Array;
  /** Seconds since 1970, 4 bytes. */
  time: Uint8Array;
}

/** All of it. */
export interface OpenPgpState {
  /** 32 bits, part of the AID. */
  serialNumber: number;
  isTerminated: boolean;
  /** PW1 stays valid after PSO:COMPUTE DIGITAL SIGNATURE. */
  isPw1ForMany: boolean;
  /** Signatures made with the present key, 0..FFFFFF. */
  signatures: number;
  passwords: Record<PasswordName, PasswordState>;
  /** In the order of the slots. */
  keys: KeyState[];
  /** In the order of selection: authentication, decryption, signature. */
  certificates: Uint8Array[];
  /** Data objects that are bytes and no more, by their tags. */
  objects: Map<number, Uint8Array>;
}

/** How a new card begins. */
export interface OpenPgpCardSettings {
  /** 32 bits of serial number, default 1; hosts tell cards apart by it. */
  readonly serialNumber?: number;
  /** What the key slots are for at first, default `rsa2048`; the host may change it. */
  readonly algorithm?: OpenPgpAlgorithm;
}

const DEFAULT_PW1 = "123456";
const DEFAULT_PW3 = "12345678";
const FINGERPRINT_BYTES = 20;
const TIME_BYTES = 4;
const LARGEST_SERIAL_NUMBER = 0xffffffff;

/**
 * A card as it leaves the factory: PW1 `123456`, PW3 `12345678`, no keys.
 *
 * @throws {RangeError} when a setting is impossible
 */
export function newState(settings: OpenPgpCardSettings = {}): OpenPgpState {
  const { serialNumber = 1, algorithm = "rsa2048" } = settings;
  if (
    !Number.isInteger(serialNumber) || serialNumber < 0 ||
    serialNumber > LARGEST_SERIAL_NUMBER
  ) refuse("serial number", serialNumber, "an integer of 32 bits");
  if (!isOpenPgpAlgorithm(algorithm)) {
    refuse("algorithm", algorithm, "rsa2048, rsa3072, p256 or curve25519");
  }
  return {
    serialNumber,
    isTerminated: false,
    isPw1ForMany: false,
    signatures: 0,
    passwords: {
      pw1: password(DEFAULT_PW1),
      pw3: password(DEFAULT_PW3),
      resetCode: { value: NO_BYTES, triesLeft: 0 },
    },
    keys: SLOTS.map(({ name }) => ({
      attributes: attributesOf(algorithm, name),
      key: null,
      origin: 0,
      fingerprint: new Uint8Array(FINGERPRINT_BYTES),
      caFingerprint: new Uint8Array(FINGERPRINT_BYTES),
      time: new Uint8Array(TIME_BYTES),
    })),
    certificates: SLOTS.map(() => NO_BYTES),
    objects: new Map(),
  };
}

function password(text: string): PasswordState {
  return {
    value: new TextEncoder().encode(text),
    triesLeft: PASSWORD_TRIES,
  };
}

function refuse(what: string, found: unknown, expected: string): never {
  throw new RangeError(
    `Cannot make OpenPGP card: ${what} ${String(found)}, expected ${expected}`,
  );
}
