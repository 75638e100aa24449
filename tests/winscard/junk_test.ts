// Whatever a program passes, every function settles with a code, and the next call works.

import assert from "node:assert/strict";
import fc from "fast-check";
import type { Winscard } from "../../src/winscard/mod.ts";
import { settle } from "../resource_manager/fake_reader.ts";
import { desk, ends, NAME } from "./desk.ts";

const junk = fc.oneof(
  fc.anything({ maxDepth: 2, withBigInt: true, withTypedArray: true }),
  fc.constantFrom<unknown>(0, 1, 2, 3, 0xFFFFFFFF, NAME, null, [], [null], {}),
  fc.constantFrom<unknown>([{ reader: NAME }], { protocol: 2 }, [{ atr: 1 }]),
  fc.uint8Array({ maxLength: 40 }),
);
const FIRST = ["context", "card", "junk", "request"] as const;

Deno.test("junk: every function answers it by a code", async () => {
  await using d = await desk();
  d.device.vendorControl = () => new Uint8Array(0);
  const names = Object.keys(d.ws) as (keyof Winscard)[];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.constantFrom(...FIRST),
      fc.array(junk, { minLength: 6, maxLength: 6 }),
      async (name, first, rest) => {
        const hContext = await d.context();
        const hCard = await d.connect({ hContext });
        const [value, ...others] = rest;
        const firsts = {
          context: hContext,
          card: hCard,
          junk: value,
          request: { hContext, flags: 2, search: value },
        };
        const work = d.ws[name] as (...args: unknown[]) => Promise<unknown>;
        const settled: unknown[] = [];
        work(firsts[first], ...others).then(
          (result) => settled.push(result),
          (error) => settled.push(error),
        );
        await settle();
        if (settled.length === 0) {
          // It waits, as INFINITE has it.
          await d.ws.SCardReleaseContext(hContext);
          await settle();
        }
        assert.equal(settled.length, 1, `${name} does not settle`);
        const { code } = settled[0] as { code: unknown };
        assert.ok(
          typeof code === "number" && code >>> 0 === code,
          `${name}: ${settled[0]}`,
        );
        await d.ws.SCardReleaseContext(hContext);
        ends("SCARD_S_SUCCESS", await d.ws.SCardListReaders(null));
      },
    ),
    { seed: 78163, numRuns: 1500 },
  );
});
