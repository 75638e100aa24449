import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex } from "../../src/bytes.ts";
import {
  describeAtr,
  describeCommand,
  describePps,
  describeResponse,
  describeStatus,
  describeT1Block,
} from "../../src/tracing/mod.ts";

function table(
  describe: (bytes: Uint8Array) => string,
  rows: Record<string, string>,
): void {
  for (const [hex, words] of Object.entries(rows)) {
    assert.equal(describe(fromHex(hex)), words, hex);
  }
}

Deno.test("T=1 blocks are spelled out", () => {
  table(describeT1Block, {
    "00000000": "I(0,0): 0 bytes",
    "0060020102 61": "I(1,1): 2 bytes, more follow",
    "00A0": "incomplete block",
    "00800080": "R(0): go on",
    "00910091": "R(1): check error",
    "00820082": "R(0): other error",
    "008300FF": "R(0): reserved error, LRC wrong",
    "00C000C0": "S(RESYNCH request)",
    "00E000E0": "S(RESYNCH response)",
    "00C10120E0": "S(IFS request 32)",
    "00E2 00E2": "S(ABORT response)",
    "00C30105C7": "S(WTX request 5)",
    "00E4 00E4": "S(VPP error response)",
    "00C9 00C9": "S(type 9 request)",
    "21C000E1": "NAD 21 S(RESYNCH request)",
    // A CRC has many readings: it is not checked.
    "00C101FEB1AB": "S(IFS request 254)",
    "00C10120E00000": "S(IFS request 32), too long",
    "0000050102": "I(0,0): 2 bytes, incomplete",
  });
});

Deno.test("commands are spelled out in all seven forms", () => {
  table(describeCommand, {
    "00A40000": "SELECT 00-00",
    "00B0810008": "READ BINARY 81-00, Le 8",
    "00A4000C023F00": "SELECT 00-0C, Lc 2",
    "00A40000023F0000": "SELECT 00-00, Lc 2, Le 256",
    "00B08100000000": "READ BINARY 81-00, Le 65536, extended",
    "00D6000000000101": "UPDATE BINARY 00-00, Lc 1, extended",
    "00CB3FFF000001010102": "GET DATA 3F-FF, Lc 1, Le 258, extended",
    "00B0": "malformed command of 2 bytes",
    "00D60000050102": "UPDATE BINARY 00-00, malformed",
    "80500000": "INS 50 CLA 80 00-00",
    "13200001": "VERIFY channel 3 chained 00-01",
    "0CA40000": "SELECT secure messaging 00-00",
    "63A40000": "SELECT channel 7 secure messaging 00-00",
  });
  table(describeResponse, {
    "9000": "SW 9000: done",
    "01026282": "2 bytes, SW 6282: warning: end of file before Le bytes",
    "90": "malformed answer of 1 bytes",
  });
  table(describeStatus, {
    "6110": "16 bytes are ready",
    "6C00": "ask for 256 bytes",
    "63C0": "wrong, 0 tries left",
    "6501": "refused",
    "6234": "warning",
    "9F10": "done, the card's own status",
    "1234": "no status",
    "90": "incomplete status",
  });
});

Deno.test("ATR and PPS are spelled out", () => {
  table(describeAtr, {
    "3B00": "ATR: direct, T=0",
    "3F05DC0A010203": "ATR: inverse, T=0, historical DC0A010203",
    "3B951381018073FF01000B":
      "ATR: direct, T=1, F = 372, D = 4, historical 8073FF0100",
    "3B8180014141": 'ATR: direct, T=0 T=1, historical "A"',
    "3B80804101C0": "ATR: direct, T=0 T=1, CRC",
    "3B8091110111": "ATR: direct, T=1, specific mode T=1",
    "3B80801F031C": "ATR: direct, T=0",
    "3B": "ATR, incomplete or malformed",
    "3B80": "ATR, incomplete or malformed",
    "3B024F": "ATR, incomplete or malformed",
    "3C00": "ATR, incomplete or malformed",
    "3B107F": "ATR: direct, T=0, F = RFU, D = RFU",
  });
  table(describePps, {
    "FF1195 7B": "PPS: T=1, F = 512, D = 16",
    "FF00FF": "PPS: T=0, speed unchanged",
    "FF00FE": "PPS: T=0, speed unchanged, PCK wrong",
    "FF70": "PPS, incomplete",
    "FF": "PPS, incomplete",
  });
});

Deno.test("words are found for any bytes", () => {
  const describers = [
    describeAtr,
    describeCommand,
    describePps,
    describeResponse,
    describeStatus,
    describeT1Block,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const before = bytes.slice();
      for (const describe of describers) {
        assert.equal(typeof describe(bytes), "string");
      }
      assert.deepEqual(bytes, before);
    }),
    { seed: 78163 },
  );
});
