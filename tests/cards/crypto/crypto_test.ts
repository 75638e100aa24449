// Invariant: arithmetic on plain numbers and Web Crypto make and accept the same signatures and secrets.

import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  byteLength,
  inverse,
  jwkNumber,
  numberBytes,
  numberOf,
  power,
} from "../../../src/cards/crypto/big_numbers.ts";
import {
  agreeP256,
  decodeP256Point,
  encodeP256Point,
  generateP256Key,
  P256_ORDER,
  p256KeyOf,
  signP256,
} from "../../../src/cards/crypto/p256.ts";
import {
  generateRsaKey,
  rsaBytes,
  rsaKeyOf,
  rsaPrivate,
  type RsaPublicKey,
} from "../../../src/cards/crypto/rsa.ts";

const SEED = 78163;

function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The public operation. */
function opened(key: RsaPublicKey, block: Uint8Array): string {
  const { modulus, publicExponent } = key;
  const value = power(numberOf(block), publicExponent, modulus);
  return toHex(numberBytes(value, rsaBytes(key)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}

Deno.test("numbers: bytes there and back, powers and inverses", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 300n }), (value) => {
      const bytes = numberBytes(value, 40);
      assert.equal(numberOf(bytes), value);
      assert.ok(byteLength(value) <= 38);
      assert.equal(jwkNumber(base64url(bytes)), value);
      if (value % P256_ORDER === 0n) return;
      const inverted = inverse(value, P256_ORDER);
      assert.equal(value * inverted % P256_ORDER, 1n);
      assert.equal(power(value, P256_ORDER - 2n, P256_ORDER), inverted);
    }),
    { seed: SEED },
  );
  assert.equal(byteLength(0n), 0);
  assert.equal(numberOf(new Uint8Array()), 0n);
  assert.equal(inverse(-3n, 7n), 2n);
  assert.throws(() => numberBytes(256n, 1), RangeError);
  assert.throws(() => numberBytes(-1n, 1), RangeError);
  assert.throws(() => inverse(6n, 9n), /common divisor 3/);
  assert.throws(() => jwkNumber(undefined), RangeError);
  assert.throws(() => jwkNumber("+"), RangeError);
});

Deno.test("RSA: what the private operation makes, Web Crypto verifies", async () => {
  const key = await generateRsaKey(2048);
  assert.equal(rsaBytes(key), 256);
  const message = random(100);
  const digest = await crypto.subtle.digest(
    "SHA-256",
    Uint8Array.from(message),
  );
  const info = `3031300D060960864801650304020105000420${
    toHex(new Uint8Array(digest))
  }`;
  const block = fromHex(`0001${"FF".repeat(202)}00${info}`);
  const signature = rsaPrivate(key, block);
  assert.ok(signature !== null);
  assert.equal(opened(key, signature), toHex(block));
  const theirs = await crypto.subtle.importKey(
    "jwk",
    {
      kty: "RSA",
      n: base64url(numberBytes(key.modulus, 256)),
      e: "AQAB",
    },
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
    false,
    ["verify"],
  );
  assert.ok(
    await crypto.subtle.verify(
      "RSASSA-PKCS1-v1_5",
      theirs,
      signature,
      Uint8Array.from(message),
    ),
  );
  assert.equal(rsaPrivate(key, block.subarray(1)), null);
  const modulus = numberBytes(key.modulus, 256);
  assert.equal(rsaPrivate(key, modulus), null);
});

Deno.test("RSA: blocks of small keys, 0 and multiples of a factor too", () => {
  const key = rsaKeyOf(11n, 17n, 3n);
  for (let value = 0; value < 187; value++) {
    const there = rsaPrivate(key, Uint8Array.of(value));
    assert.ok(there !== null);
    assert.equal(opened(key, there), toHex(Uint8Array.of(value)));
  }
  assert.throws(() => rsaKeyOf(11n, 11n, 3n), RangeError);
  assert.throws(() => rsaKeyOf(7n, 11n, 3n), RangeError);
});

Deno.test("P-256: a known key, and numbers out of range", () => {
  // RFC 6979 A.2.5.
  const { point } = p256KeyOf(
    0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
  );
  assert.equal(
    toHex(encodeP256Point(point)),
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" +
      "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
  );
  assert.throws(() => p256KeyOf(0n), RangeError);
  assert.throws(() => p256KeyOf(-1n), RangeError);
  assert.throws(() => p256KeyOf(P256_ORDER), RangeError);
  // n - 1 goes through the sum of a point and its opposite.
  assert.equal(p256KeyOf(P256_ORDER - 1n).point.x, p256KeyOf(1n).point.x);
});

Deno.test("P-256: a signature with a known nonce (RFC 6979 A.2.5, SHA-256, sample)", () => {
  const key = p256KeyOf(
    0xc9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721n,
  );
  const hash = fromHex(
    "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
  );
  const nonces = [
    new Uint8Array(32),
    new Uint8Array(32).fill(0xff),
    fromHex("A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60"),
  ];
  const { r, s } = signP256(key, hash, () => nonces.shift() ?? random(32));
  assert.equal(
    toHex(numberBytes(r, 32)),
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
  );
  assert.equal(
    toHex(numberBytes(s, 32)),
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
  );
});

Deno.test("P-256: ECDSA and ECDH agree with Web Crypto", async () => {
  for (let round = 0; round < 3; round++) {
    const key = generateP256Key(random);
    const encoded = encodeP256Point(key.point);
    const message = Uint8Array.from(random(50));
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", message));
    const { r, s } = signP256(key, hash, random);
    const verifier = await crypto.subtle.importKey(
      "raw",
      encoded,
      { name: "ECDSA", namedCurve: "P-256" },
      false,
      ["verify"],
    );
    const signature = new Uint8Array(64);
    signature.set(numberBytes(r, 32));
    signature.set(numberBytes(s, 32), 32);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    assert.ok(
      await crypto.subtle.verify(algorithm, verifier, signature, message),
    );
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const theirs = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
    const point = decodeP256Point(
      new Uint8Array(await crypto.subtle.exportKey("raw", theirs.publicKey)),
    );
    assert.ok(point !== null);
    const ours = await crypto.subtle.importKey("raw", encoded, curve, true, []);
    const secret = await crypto.subtle.deriveBits(
      { name: "ECDH", public: ours },
      theirs.privateKey,
      256,
    );
    assert.equal(toHex(agreeP256(key, point)), toHex(new Uint8Array(secret)));
  }
});

Deno.test("P-256: bytes that are no point", () => {
  const good = encodeP256Point(generateP256Key(random).point);
  assert.ok(decodeP256Point(good) !== null);
  for (let at = 0; at < good.length; at += 7) {
    const bad = good.slice();
    bad[at] ^= 1;
    assert.equal(decodeP256Point(bad), null);
  }
  assert.equal(decodeP256Point(good.subarray(1)), null);
  const large = new Uint8Array(65).fill(0xff);
  large[0] = 4;
  assert.equal(decodeP256Point(large), null);
});
