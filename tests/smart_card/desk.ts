/** What most tests of the Web Smart Card API begin with. */

import assert from "node:assert/strict";
import {
  type SmartCardConnection,
  type SmartCardContext,
  SmartCardError,
  SmartCardResourceManager,
  type SmartCardResponseCode,
} from "../../src/smart_card/mod.ts";
import { ResourceManagerError } from "../../src/resource_manager/mod.ts";
import { type Bench, bench } from "../resource_manager/bench.ts";
import type { FakeReader } from "../resource_manager/fake_reader.ts";

export const NAME = "Fake Reader 0";
export const APDU = Uint8Array.of(0, 0xA4, 0, 0);

export interface Desk extends Bench {
  web: SmartCardResourceManager;
  context: SmartCardContext;
  connect(context?: SmartCardContext): Promise<SmartCardConnection>;
}

/** A reader with a card, and a context. */
export async function desk(
  options: { card?: boolean; queue?: boolean; pace?: FakeReader["pace"] } = {},
): Promise<Desk> {
  const b = await bench(options);
  const web = new SmartCardResourceManager(b.manager);
  const context = await web.establishContext({ queue: options.queue });
  return {
    ...b,
    [Symbol.asyncDispose]: () => b[Symbol.asyncDispose](),
    web,
    context,
    connect: async (from = context) => {
      const { connection } = await from.connect(NAME, "shared", {
        preferredProtocols: ["t0", "t1"],
      });
      return connection;
    },
  };
}

/** Asserts a SmartCardError. */
export async function refuses(
  responseCode: SmartCardResponseCode,
  work: Promise<unknown>,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert(error instanceof SmartCardError, String(error));
    assert.equal(error.responseCode, responseCode, error.message);
    return true;
  });
}

/** Asserts a DOMException by name. */
export async function rejects(
  name: string,
  work: Promise<unknown>,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.equal((error as Error).name, name, String(error));
    return true;
  });
}

/** Asserts that a call ended for its timeout of 100 ms. */
export async function timesOut(work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error: DOMException) => {
    assert.equal(error.name, "UnknownError", String(error));
    assert(error.cause instanceof ResourceManagerError);
    assert.equal(error.cause.name, "SCARD_E_TIMEOUT");
    assert.match(error.message, /^Cannot .*: 100 ms passed, expected /);
    return true;
  });
}
