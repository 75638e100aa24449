import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  DIGEST_INFO_SHA256,
  object,
  rsaEncrypt,
  rsaPublicKey,
  sha256,
} from "./key_material.ts";
import {
  ask,
  extended,
  go,
  PW1,
  PW1_SIGN,
  PW3,
  run,
  send,
} from "./openpgp_run.ts";

const GENERATE_SIGNATURE = "00478000000002B6000000";
const GENERATE_DECRYPTION = "00478000000002B8000000";
const GENERATE_AUTHENTICATION = "00478000000002A4000000";
const READ_SIGNATURE = "00478100000002B6000000";
const TEXT = "To be signed";
const { subtle } = crypto;
const text = new TextEncoder().encode(TEXT);

function pso(operation: string, data: Uint8Array): string {
  return extended(`002A${operation}`, data);
}

Deno.test("RSA 2048: made, read, signs, authenticates, deciphers", async () => {
  const card = await run(
    {},
    [READ_SIGNATURE, "6A88"],
    [GENERATE_SIGNATURE, "6982"],
    [PW3, "9000"],
  );
  const made = await ask(card, GENERATE_SIGNATURE);
  deepEqual(await ask(card, READ_SIGNATURE), made);
  const key = await rsaPublicKey(made);
  const info = fromHex(DIGEST_INFO_SHA256 + await sha256(TEXT));
  await go(card, [pso("9E9A", info), "6982"], [PW1_SIGN, "9000"]);
  const signature = await ask(card, pso("9E9A", info));
  ok(await subtle.verify("RSASSA-PKCS1-v1_5", key, signature, text));
  await go(
    card,
    // PW1 is for one signature.
    [pso("9E9A", info), "6982"],
    ["00CA007A00", "9303000001 9000"],
    ["00CA00DE00", "010102000300 9000"],
    [PW1_SIGN, "9000"],
    // 40 % of the modulus, and no more.
    [pso("9E9A", new Uint8Array(103)), "6700"],
    [pso("9E9A", new Uint8Array(102)), /9000$/],
    [PW1, "9000"],
    [extended("00880000", info), "6A88"],
    [pso("8086", new Uint8Array(257)), "6A88"],
  );
  const decryption = await rsaPublicKey(await ask(card, GENERATE_DECRYPTION));
  const cryptogram = await rsaEncrypt(decryption, text);
  const command = pso("8086", Uint8Array.of(0, ...cryptogram));
  deepEqual(await ask(card, command), text);
  await go(
    card,
    [pso("8086", Uint8Array.of(1, ...cryptogram)), "6A80"],
    [pso("8086", cryptogram), "6A80"],
    [pso("8086", new Uint8Array(257).fill(0xff, 1)), "6A80"],
    [pso("8086", new Uint8Array(257)), "6A80"],
    // MANAGE SECURITY ENVIRONMENT: the key for decryption authenticates, too.
    ["002241A403 830102", "9000"],
  );
  const login = await ask(card, extended("00880000", info));
  ok(await subtle.verify("RSASSA-PKCS1-v1_5", decryption, login, text));
  card.reset();
  await go(card, [PW1, "9000"], [extended("00880000", info), "6A88"]);
});

Deno.test("RSA 3072: made, and signs", async () => {
  const card = await run({ algorithm: "rsa3072" }, [PW3, "9000"]);
  const key = await rsaPublicKey(await ask(card, GENERATE_SIGNATURE));
  const info = fromHex(DIGEST_INFO_SHA256 + await sha256(TEXT));
  await go(card, [PW1_SIGN, "9000"]);
  const signature = await ask(card, pso("9E9A", info));
  equal(signature.length, 384);
  ok(await subtle.verify("RSASSA-PKCS1-v1_5", key, signature, text));
});

Deno.test("P-256: made, signs, authenticates, agrees on a secret", async () => {
  const card = await run({ algorithm: "p256" }, [PW3, "9000"]);
  const made = await ask(card, GENERATE_SIGNATURE);
  const login = await ask(card, GENERATE_AUTHENTICATION);
  const decryption = await ask(card, GENERATE_DECRYPTION);
  equal(toHex(made.subarray(0, 6)), "7F4943864104");
  notEqual(toHex(made), toHex(login));
  await go(card, [PW1_SIGN, "9000"], [PW1, "9000"]);
  const hash = fromHex(await sha256(TEXT));
  const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const signed = [
    [made, pso("9E9A", hash)],
    [login, extended("00880000", hash)],
  ] as const;
  for (const [answer, command] of signed) {
    const point = answer.slice(5);
    const key = await subtle.importKey("raw", point, ecdsa, true, ["verify"]);
    const signature = await ask(card, command);
    ok(await subtle.verify(ecdsa, key, signature, text));
  }
  const ecdh = { name: "ECDH", namedCurve: "P-256" };
  const peer = await subtle.generateKey(ecdh, true, ["deriveBits"]);
  const point = new Uint8Array(await subtle.exportKey("raw", peer.publicKey));
  const ours = await subtle.importKey(
    "raw",
    decryption.slice(5),
    ecdh,
    true,
    [],
  );
  const shared = new Uint8Array(
    await subtle.deriveBits({ ...ecdh, public: ours }, peer.privateKey, 256),
  );
  deepEqual(await ask(card, pso("8086", cipher(point))), shared);
  const off = point.slice();
  off[64] ^= 1;
  await go(
    card,
    [pso("8086", cipher(off)), "6A80"],
    [pso("8086", cipher(point.subarray(1))), "6A80"],
    [pso("8086", point), "6A80"],
    [pso("9E9B", point), "6B00"],
  );
});

Deno.test("Curve25519: made, signs, agrees on a secret", async () => {
  const card = await run({ algorithm: "curve25519" }, [PW3, "9000"]);
  const made = await ask(card, GENERATE_SIGNATURE);
  const decryption = await ask(card, GENERATE_DECRYPTION);
  equal(toHex(made.subarray(0, 5)), "7F49228620");
  await go(card, [PW1_SIGN, "9000"], [PW1, "9000"]);
  const verifier = await subtle.importKey(
    "raw",
    made.slice(5),
    "Ed25519",
    true,
    [
      "verify",
    ],
  );
  const signature = await ask(card, pso("9E9A", text));
  ok(await subtle.verify("Ed25519", verifier, signature, text));
  const peer = await subtle.generateKey("X25519", true, [
    "deriveBits",
  ]) as CryptoKeyPair;
  const point = new Uint8Array(await subtle.exportKey("raw", peer.publicKey));
  const ours = await subtle.importKey(
    "raw",
    decryption.slice(5),
    "X25519",
    true,
    [],
  );
  const x25519 = { name: "X25519", public: ours };
  const shared = new Uint8Array(
    await subtle.deriveBits(x25519, peer.privateKey, 256),
  );
  deepEqual(await ask(card, pso("8086", cipher(point))), shared);
  const prefixed = Uint8Array.of(0x40, ...point);
  deepEqual(await ask(card, pso("8086", cipher(prefixed))), shared);
  await go(
    card,
    [pso("8086", cipher(new Uint8Array(32))), "6A80"],
    [pso("8086", cipher(point.subarray(1))), "6A80"],
    // The key for decryption cannot sign, the other way round neither.
    ["002241A403 830102", "9000"],
    [extended("00880000", text), "6985"],
    ["002241B803 830103", "9000"],
    [GENERATE_AUTHENTICATION, /9000$/],
    [pso("8086", cipher(point)), "6985"],
  );
});

Deno.test("GENERATE and MANAGE SECURITY ENVIRONMENT refuse what they do not know", async () => {
  await run(
    {},
    [PW3, "9000"],
    ["00478000000002B7000000", "6A80"],
    ["00478000", "6A80"],
    ["00478001000002B6000000", "6B00"],
    ["00478200000002B6000000", "6B00"],
    ["002241A403 830101", "6A88"],
    ["002241A403 840102", "6A80"],
    ["002241A4", "6A80"],
    ["002241B603 830102", "6B00"],
    ["0022F3A403 830102", "6B00"],
    ["00880001", "6B00"],
    ["002A9E9A01 00", "6982"],
  );
});

Deno.test("many signatures with one PW1, and other attributes end a key", async () => {
  const card = await run(
    { algorithm: "p256" },
    [PW3, "9000"],
    [GENERATE_SIGNATURE, /9000$/],
    ["00DA00C401 01", "9000"],
    [PW1_SIGN, "9000"],
    ["002A9E9A", "6700"],
    ["002A9E9A01 01 00", /9000$/],
    ["002A9E9A01 02 00", /9000$/],
    ["00CA009300", "000002 9000"],
    [GENERATE_SIGNATURE, /9000$/],
    ["00CA009300", "000000 9000"],
    ["00DA00C109 132A8648CE3D030107", "9000"],
    [READ_SIGNATURE, /9000$/],
    ["00DA00C106 010800002000", "9000"],
    [READ_SIGNATURE, "6A88"],
    ["00CA00DE00", "010002000300 9000"],
    ["002A9E9A01 01 00", "6A88"],
  );
  equal(await send(card, "00200081"), "9000");
});

function cipher(point: Uint8Array): Uint8Array {
  return fromHex(object("A6", object("7F49", object("86", toHex(point)))));
}
