import { equal, ok } from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import {
  numberBytes,
  numberOf,
  power,
} from "../../../src/cards/crypto/big_numbers.ts";
import {
  rsaDecipher,
  rsaKeyOfParts,
  rsaSign,
} from "../../../src/cards/openpgp/rsa_blocks.ts";
import { oddComposite, rsaKey } from "./key_material.ts";

Deno.test("RSA: parts that are no key", async () => {
  const { e, p, q } = await rsaKey(2048);
  const [exponent, first, second] = [e, p, q].map((part) => fromHex(part));
  ok(rsaKeyOfParts(2048, exponent, first, second) !== null);
  equal(rsaKeyOfParts(3072, exponent, first, second), null);
  equal(rsaKeyOfParts(2048, exponent, first, first), null);
  for (const bad of ["", "00", "01", "04", "010000"]) {
    equal(rsaKeyOfParts(2048, fromHex(bad), first, second), null, bad);
  }
  // As many bytes, but a modulus that is a bit short.
  const small = new Uint8Array(128).fill(0x11);
  equal(rsaKeyOfParts(2048, exponent, small, small.map((b) => b ^ 2)), null);
  // Not prime: the exponents do not undo each other, or there is none.
  const composite = fromHex(oddComposite(p));
  equal(rsaKeyOfParts(2048, exponent, composite, second), null);
  composite[127] ^= 1;
  equal(rsaKeyOfParts(2048, exponent, composite, second), null);
});

Deno.test("RSA: blocks of type 2 that are none", async () => {
  const { e, p, q } = await rsaKey(2048);
  const [exponent, first, second] = [e, p, q].map((part) => fromHex(part));
  const key = rsaKeyOfParts(2048, exponent, first, second);
  ok(key !== null);
  const cipher = (block: Uint8Array) =>
    numberBytes(power(numberOf(block), 65537n, key.modulus), 256);
  const block = new Uint8Array(256).fill(0x11);
  block.set([0, 2]);
  equal(rsaDecipher(key, cipher(block)), null);
  // Seven bytes of padding, then eight.
  block[9] = 0;
  equal(rsaDecipher(key, cipher(block)), null);
  block[9] = 0x11;
  block[10] = 0;
  equal(rsaDecipher(key, cipher(block))?.length, 245);
  block[1] = 1;
  equal(rsaDecipher(key, cipher(block)), null);
  equal(rsaDecipher(key, numberBytes(key.modulus, 256)), null);
  equal(rsaDecipher(key, new Uint8Array(255)), null);
  equal(rsaSign(key, new Uint8Array(103)), null);
  equal(rsaSign(key, new Uint8Array(102))?.length, 256);
});
