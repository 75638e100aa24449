/**
 * The OpenPGP card, from contacts to keys.
 *
 * @module
 */

import { ProtocolCard, type ProtocolCardOptions } from "../protocol_card.ts";
import { HISTORICAL_BYTES } from "./data_objects.ts";
import {
  OpenPgpApplication,
  type OpenPgpOptions,
} from "./openpgp_application.ts";

/** How an OpenPGP card is set up. */
export interface OpenPgpCardOptions
  extends ProtocolCardOptions, Omit<OpenPgpOptions, "isCutBelow"> {}

/** 512/16, IFSC 254, BWI 4, CWI 5, as cards of this kind have it. */
const SPEED = { fiIndex: 9, diIndex: 5, historical: HISTORICAL_BYTES } as const;
const T1 = { ifscBytes: 254, bwi: 4, cwi: 5 } as const;
/** WI: the longest time between characters, for the making of keys. */
const T0 = { wi: 255 } as const;

/**
 * An OpenPGP card (specification 3.4) behind contacts; T=1 unless `protocols` says otherwise.
 * Its `application` and `atr` fit {@linkcode apduFace}. It is for tests and protects nothing.
 *
 * @example
 * ```ts
 * import { apduFace, createOpenPgpCard } from "deno-smartcard/cards";
 * import assert from "node:assert/strict";
 *
 * const { application, atr } = createOpenPgpCard({ serialNumber: 0x1234 });
 * const card = apduFace(application, { atr });
 * card.powerOn();
 * // GET DATA: the AID, with the serial number in it.
 * const answer = await card.transmit(Uint8Array.of(0, 0xCA, 0, 0x4F, 0));
 * assert.deepEqual([...answer.subarray(10, 14)], [0, 0, 0x12, 0x34]);
 * ```
 *
 * @param options the card's state and how it appears; default: a new card, RSA 2048
 * @throws {RangeError} when an option or the stored state is impossible
 */
export function createOpenPgpCard(
  options: OpenPgpCardOptions = {},
): ProtocolCard {
  const protocols = options.protocols ?? ["t1"];
  const atr = {
    ...SPEED,
    ...(protocols.includes("t1") ? T1 : {}),
    ...(protocols.includes("t0") ? T0 : {}),
  };
  const application = new OpenPgpApplication({
    ...options,
    isCutBelow: () => card.agreement?.protocol === 0,
  });
  const card: ProtocolCard = new ProtocolCard(
    application,
    options.atr === undefined ? { ...options, protocols, atr } : options,
  );
  return card;
}
