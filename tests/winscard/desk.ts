/** What most tests of WinSCard begin with. */

import assert from "node:assert/strict";
import {
  type ScardName,
  scardName,
  WINDOWS_PROFILE,
} from "../../src/resource_manager/mod.ts";
import {
  createWinscard,
  SCARD_PROTOCOL_Tx,
  SCARD_SCOPE_USER,
  SCARD_SHARE_SHARED,
  type Winscard,
  type WinscardOptions,
} from "../../src/winscard/mod.ts";
import { type Bench, bench } from "../resource_manager/bench.ts";
import type { FakeReader } from "../resource_manager/fake_reader.ts";

export const NAME = "Fake Reader 0";
export const APDU = Uint8Array.of(0, 0xA4, 0, 0);

export interface Desk extends Bench {
  ws: Winscard;
  hContext: number;
  /** A new context. */
  context(): Promise<number>;
  /** A connection, shared unless told otherwise, of a new context unless told otherwise. */
  connect(
    options?: { share?: number; protocols?: number; hContext?: number },
  ): Promise<number>;
}

/** A manager that behaves like Windows, a reader with a card unless told otherwise, a context. */
export async function desk(
  options: Omit<WinscardOptions, "manager"> & {
    card?: boolean;
    pace?: FakeReader["pace"];
  } = {},
): Promise<Desk> {
  const { card, pace, ...rest } = options;
  const b = await bench({ profile: WINDOWS_PROFILE, card, pace });
  const ws = createWinscard({ manager: b.manager, ...rest });
  const context = async () => {
    const established = await ws.SCardEstablishContext(SCARD_SCOPE_USER);
    ends("SCARD_S_SUCCESS", established);
    return established.hContext;
  };
  return {
    ...b,
    [Symbol.asyncDispose]: () => b[Symbol.asyncDispose](),
    ws,
    hContext: await context(),
    context,
    async connect(how = {}) {
      const connected = await ws.SCardConnect(
        how.hContext ?? await context(),
        NAME,
        how.share ?? SCARD_SHARE_SHARED,
        how.protocols ?? SCARD_PROTOCOL_Tx,
      );
      ends("SCARD_S_SUCCESS", connected);
      return connected.hCard;
    },
  };
}

/** Name of a code, or the number. */
export function codeName(code: number): string {
  return scardName(code) ?? String(code);
}

/** Asserts how a call ended, by the name of its code or a number. */
export function ends(
  expected: ScardName | number,
  { code, error }: { code: number; error: Error | null },
): void {
  const name = typeof expected === "number" ? codeName(expected) : expected;
  assert.equal(codeName(code), name, error?.message);
  assert.equal(error === null, code === 0);
  if (error !== null) assert.match(error.message, /^Cannot .+: .+, expected /s);
}
