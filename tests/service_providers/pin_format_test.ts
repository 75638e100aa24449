import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  encodePin,
  type PinFormat,
  type PinValue,
} from "../../src/service_providers/mod.ts";

const GOOD: readonly [PinValue, PinFormat, string][] = [
  ["1234", {}, "31323334"],
  ["1234", { padToBytes: 8 }, "31323334FFFFFFFF"],
  ["12aB", { padToBytes: 6, padByte: 0 }, "313261420000"],
  ["12345", { encoding: "bcd" }, "12345F"],
  ["1234", { encoding: "bcd", padToBytes: 8 }, "1234FFFFFFFFFFFF"],
  ["1234", { encoding: "iso9564-2" }, "241234FFFFFFFFFF"],
  ["12345", { encoding: "iso9564-2" }, "2512345FFFFFFFFF"],
  ["123456789012", { encoding: "iso9564-2" }, "2C123456789012FF"],
  [fromHex("01020304"), { padToBytes: 5 }, "01020304FF"],
  ["", { minLength: 0 }, ""],
];

Deno.test("pin format: encodings", () => {
  for (const [pin, format, expected] of GOOD) {
    assert.equal(toHex(encodePin(pin, format)), expected);
  }
});

const BAD: readonly [PinValue, PinFormat, RegExp][] = [
  ["123", {}, /length 3, expected 4 to 16/],
  ["12345", { maxLength: 4 }, /length 5, expected 4 to 4/],
  ["12a4", { encoding: "bcd" }, /expected digits/],
  ["1234é", {}, /expected printable ASCII/],
  ["1234567890123", { encoding: "iso9564-2" }, /length 13, expected 4 to 12/],
  [
    "1234567890123",
    { encoding: "iso9564-2", maxLength: 20 },
    /13 digits, expected 12 at most/,
  ],
  ["12345678", { padToBytes: 4 }, /takes 8 bytes, expected 4 at most/],
];

Deno.test("pin format: what is refused, without telling it", () => {
  for (const [pin, format, message] of BAD) {
    assert.throws(() => encodePin(pin, format), (error) => {
      assert(error instanceof RangeError);
      assert.match(error.message, message);
      assert(!error.message.includes(pin as string));
      return true;
    });
  }
});
