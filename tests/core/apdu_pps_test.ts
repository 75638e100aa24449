// Invariant: what is built by the rules is read back; anything else is refused, never trapped.
import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  buildPpsRequest,
  checkPpsResponse,
  negotiatePps,
  parseApdu,
  ppsResponseLength,
} from "../../src/core/mod.ts";
import { eachCore, SEED } from "./cores.ts";

eachCore("parseApdu tells the seven cases", (core) => {
  const read = (hex: string) => {
    const { case: kind, nc, ne, dataOffset } = parseApdu(fromHex(hex), core);
    return [kind, nc, ne, dataOffset];
  };
  assert.deepEqual(read("00A40000"), ["1", 0, 0, 4]);
  assert.deepEqual(read("00B0000010"), ["2S", 0, 16, 5]);
  assert.deepEqual(read("00B0000000"), ["2S", 0, 256, 5]);
  assert.deepEqual(read("00A40000023F00"), ["3S", 2, 0, 5]);
  assert.deepEqual(read("00A40000023F0000"), ["4S", 2, 256, 5]);
  assert.deepEqual(read("00B00000000100"), ["2E", 0, 256, 7]);
  assert.deepEqual(read("00B00000000000"), ["2E", 0, 65536, 7]);
  assert.deepEqual(read("00D60000000003AABBCC"), ["3E", 3, 0, 7]);
  assert.deepEqual(read("00D60000000003AABBCC0000"), ["4E", 3, 65536, 7]);
});

eachCore("parseApdu refuses what fits no case", (core) => {
  for (
    const [hex, message] of [
      ["", /0 bytes found, expected at least 4/],
      ["00A400", /3 bytes found, expected at least 4/],
      ["00A400000000", /fit neither Lc nor Le/],
      ["00A4000002AA", /fit neither/],
      ["00A4000001AABBCC", /fit neither/],
      ["00A4000000000000", /fit neither/],
      ["00A40000000002AABB00", /fit neither/],
    ] as const
  ) {
    assert.throws(() => parseApdu(fromHex(hex), core), {
      name: "RangeError",
      message,
    });
  }
});

const body = fc.uint8Array({ minLength: 1, maxLength: 300 });

eachCore("an APDU built from its parts is read back", (core) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.option(body),
      fc.option(fc.integer({ min: 1, max: 65536 })),
      (header, data, ne) => {
        const nc = data?.length ?? 0;
        const extended = nc > 255 || (ne ?? 0) > 256;
        const parts: number[] = [...header];
        if (data !== null) {
          if (extended) parts.push(0, nc >> 8, nc & 0xff);
          else parts.push(nc);
          parts.push(...data);
        }
        if (ne !== null) {
          if (extended && data === null) parts.push(0);
          if (extended) parts.push(ne >> 8 & 0xff, ne & 0xff);
          else parts.push(ne & 0xff);
        }
        const read = parseApdu(Uint8Array.from(parts), core);
        assert.deepEqual([read.nc, read.ne], [nc, ne ?? 0]);
        if (data !== null) {
          assert.deepEqual(
            parts.slice(read.dataOffset, read.dataOffset + nc),
            [...data],
          );
        }
      },
    ),
    { seed: SEED },
  );
});

eachCore("arbitrary bytes are an APDU or a RangeError", (core) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      try {
        const { nc, dataOffset } = parseApdu(bytes, core);
        assert.ok(dataOffset + nc <= bytes.length || nc === 0);
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

eachCore("PPS requests have the form of ISO/IEC 7816-3 9.2", (core) => {
  assert.equal(toHex(buildPpsRequest({ protocol: 1 }, core)), "FF01FE");
  assert.equal(
    toHex(buildPpsRequest({ protocol: 1, fiIndex: 9, diIndex: 6 }, core)),
    "FF119678",
  );
  assert.equal(
    toHex(buildPpsRequest({ protocol: 0, pps2: 0x80 }, core)),
    "FF20805F",
  );
  assert.throws(() => buildPpsRequest({ protocol: 15 }, core), RangeError);
});

eachCore("PPS responses are compared by presence bit", (core) => {
  const request = fromHex("FF71960180E9");
  request[5] = 0xff ^ 0x71 ^ 0x96 ^ 0x01 ^ 0x80;
  const check = (hex: string) => checkPpsResponse(request, fromHex(hex), core);
  const pck = (hex: string) => {
    let sum = 0;
    for (const byte of fromHex(hex)) sum ^= byte;
    return hex + toHex(Uint8Array.of(sum));
  };
  assert.deepEqual(check(toHex(request)), {
    accepted: true,
    code: null,
    problem: null,
    pps1: 0x96,
    spuAgreed: true,
  });
  assert.equal(check(pck("FF01")).pps1, null);
  assert.equal(check(pck("FF01")).accepted, true);
  assert.equal(check(pck("FF2101")).accepted, true);
  for (
    const [hex, problem] of [
      ["", /length/],
      ["FF01", /length/],
      [pck("FF1196") + "00", /length/],
      [pck("FE01"), /not FF/],
      [pck("FF1196").slice(0, -2) + "00", /PCK/],
      [pck("FF00"), /another protocol/],
      [pck("FF81"), /bit 8/],
      [pck("FF1195"), /another value/],
      [pck("FF2102"), /another value/],
    ] as const
  ) {
    const outcome = check(hex);
    assert.equal(outcome.accepted, false, hex);
    assert.match(outcome.problem ?? "", problem, hex);
  }
  const plain = buildPpsRequest({ protocol: 1 }, core);
  assert.match(
    checkPpsResponse(plain, fromHex(pck("FF1196")), core).problem ?? "",
    /not proposed/,
  );
});

eachCore("a request that is no PPS message is the caller's mistake", (core) => {
  for (const hex of ["010203", "FF11EE", "FF01FF", "", "FF0100FE"]) {
    assert.throws(
      () => checkPpsResponse(fromHex(hex), fromHex("FF01FE"), core),
      RangeError,
      hex,
    );
  }
});

eachCore("a negotiation says how much to expect", (core) => {
  const negotiation = negotiatePps(
    { protocol: 1, fiIndex: 9, diIndex: 5 },
    core,
  );
  assert.equal(negotiation.expected(new Uint8Array(0)), 2);
  assert.equal(negotiation.expected(fromHex("FF01")), 3);
  assert.equal(ppsResponseLength(fromHex("FF11"), 2, core), 4);
  assert.equal(negotiation.check(negotiation.request).pps1, 0x95);
});

eachCore("arbitrary responses never trap", (core) => {
  const request = buildPpsRequest(
    { protocol: 1, fiIndex: 9, diIndex: 6 },
    core,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (response) => {
      const outcome = checkPpsResponse(request, response, core);
      assert.equal(outcome.accepted, outcome.problem === null);
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
