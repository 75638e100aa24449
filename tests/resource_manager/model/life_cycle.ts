/**
 * What the tests of life-cycle events share.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  Connection,
  Profile,
  ResourceContext,
  ScardName,
} from "../../../src/resource_manager/mod.ts";
import { type Bench, bench, fails } from "../bench.ts";

/** A command. */
export const APDU: Uint8Array<ArrayBuffer> = Uint8Array.of(0, 0xA4, 0, 0);
/** How connections are made. */
export const SHARED = { shareMode: "shared", protocols: 3 } as const;
const VENDOR_CODE = 0x312000;

/** Every call that needs the card. */
const CARD_CALLS: readonly ((connection: Connection) => unknown)[] = [
  (connection) => connection.transmit(APDU),
  (connection) => connection.status(),
  (connection) => connection.beginTransaction(),
  (connection) => connection.endTransaction(),
];

/** Every card call is refused with `code`, once and again; control is not. */
export async function refuses(
  connection: Connection,
  code: ScardName,
): Promise<void> {
  for (let time = 0; time < 2; time++) {
    for (const call of CARD_CALLS) {
      await fails(code, () => call(connection));
    }
  }
  if (connection.problem === "reader-unavailable") return;
  await connection.control(VENDOR_CODE, APDU);
}

/** The card answers. */
export async function works(connection: Connection): Promise<void> {
  assert.equal((await connection.transmit(APDU)).at(-2), 0x90);
}

/** A bench with two clients. */
export interface Clients {
  readonly b: Bench;
  readonly first: ResourceContext;
  readonly second: ResourceContext;
}

/** Makes a bench with two clients. */
export async function clients(profile: Profile): Promise<Clients> {
  const b = await bench({ profile });
  b.device.vendorControl = (_code, input) => input;
  const [first, second] = [0, 1].map(() => b.manager.establishContext());
  return { b, first, second };
}
