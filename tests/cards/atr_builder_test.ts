import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  buildAtr,
  type CardAtrOptions,
  readCardAtr,
} from "../../src/cards/mod.ts";

const built = (options?: CardAtrOptions) => toHex(buildAtr(options));

Deno.test("interface bytes stand in the sets they belong to", () => {
  equal(built(), "3B00");
  equal(
    built({ convention: "inverse", historical: fromHex("1450") }),
    "3F021450",
  );
  equal(built({ fiIndex: 9, diIndex: 6, n: 255 }), "3B5096FF");
  equal(built({ wi: 20 }), "3B804014");
  equal(built({ protocols: [1] }), "3B800181");
  equal(built({ protocols: [0, 1] }), "3B80800101");
  equal(
    built({ protocols: [1], ifscBytes: 254, bwi: 4, cwi: 5, edc: "CRC" }),
    "3B808171FE4501CA",
  );
  equal(built({ protocols: [0, 1], ifscBytes: 254 }), "3B808011FEEF");
  equal(built({ clockStop: 3, voltageClass: 7 }), "3B80801FC7D8");
  equal(
    built({ specific: { protocol: 0, canChange: true } }),
    "3B801000",
  );
  equal(
    built({
      protocols: [1],
      diIndex: 3,
      specific: { protocol: 1, implicitParameters: true },
    }),
    "3B9013119103",
  );
});

Deno.test("TCK makes the exclusive OR from T0 on zero whenever a T other than 0 is indicated", () => {
  for (
    const options of [{ protocols: [1] }, { clockStop: 1 }, {
      protocols: [0, 14],
    }]
  ) {
    equal(buildAtr(options).subarray(1).reduce((a, b) => a ^ b, 0), 0);
  }
});

Deno.test("impossible ATRs are refused", () => {
  const cases: CardAtrOptions[] = [
    { protocols: [] },
    { protocols: [1, 0] },
    { protocols: [15] },
    { protocols: [0, 0] },
    { fiIndex: 16 },
    { n: 256 },
    { protocols: [1], wi: 10 },
    { wi: 0 },
    { ifscBytes: 32 },
    { protocols: [1], ifscBytes: 255 },
    { protocols: [1], bwi: 10 },
    { voltageClass: 5 },
    { specific: { protocol: 1 } },
    { historical: new Uint8Array(16) },
    {
      protocols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
      historical: new Uint8Array(15),
      n: 1,
      wi: 1,
    },
  ];
  for (const options of cases) throws(() => buildAtr(options), RangeError);
});

Deno.test("what is built is read back", () => {
  const index = fc.integer({ min: 0, max: 15 });
  const arbitrary = fc.record({
    protocols: fc.constantFrom<number[]>([0], [1], [0, 1], [1, 14]),
    convention: fc.constantFrom("direct" as const, "inverse" as const),
    fiIndex: index,
    diIndex: index,
    ifscBytes: fc.integer({ min: 1, max: 254 }),
    edc: fc.constantFrom("LRC" as const, "CRC" as const),
    spu: fc.integer({ min: 1, max: 255 }),
    historical: fc.uint8Array({ maxLength: 15 }),
    isSpecific: fc.boolean(),
  });
  fc.assert(
    fc.property(arbitrary, ({ isSpecific, ifscBytes, edc, ...rest }) => {
      const hasT1 = rest.protocols.includes(1);
      const atr = readCardAtr(buildAtr({
        ...rest,
        ...(hasT1 ? { ifscBytes, edc } : {}),
        ...(isSpecific ? { specific: { protocol: rest.protocols[0] } } : {}),
      }));
      deepEqual(atr, {
        isInverse: rest.convention === "inverse",
        protocols: rest.protocols,
        specificProtocol: isSpecific ? rest.protocols[0] : null,
        fiIndex: rest.fiIndex,
        diIndex: rest.diIndex,
        ifscBytes: hasT1 ? ifscBytes : 32,
        edc: hasT1 ? edc : "LRC",
        spu: rest.spu,
      });
    }),
    { seed: 20 },
  );
});

Deno.test("real ATRs are read: second T=1 set, IFSC FF, TA2 without TD2", () => {
  const first = readCardAtr(
    fromHex("3BF01200FF9181B17C451F0399"),
  );
  deepEqual(first.protocols, [1]);
  equal(first.ifscBytes, 124);
  equal(readCardAtr(fromHex("3F801001")).specificProtocol, 1);
  equal(readCardAtr(fromHex("3B808111FF")).ifscBytes, 254);
});
