/**
 * Puts a key and its certificate on a PIV card, with piv-tool and OpenSSL.
 *
 * @module
 */

import assert from "node:assert/strict";
import { toHex } from "../../src/bytes.ts";
import { numberBytes } from "../../src/cards/crypto/big_numbers.ts";
import { encodeP256Point } from "../../src/cards/crypto/p256.ts";
import type { PivKey } from "../../src/cards/mod.ts";
import type { PivBench } from "./piv_programs.ts";

/** A key of the card. */
export interface KeyName {
  /** The key reference, in hexadecimal. */
  readonly name: string;
  /** The identifier that OpenSC gives to it. */
  readonly id: string;
  /** The tag of its certificate's object. */
  readonly certificate: number;
}

/** For authentication, signatures, key management and card authentication. */
export const ALL_KEYS: readonly [KeyName, KeyName, KeyName, KeyName] = [
  { name: "9A", id: "01", certificate: 0x5fc105 },
  { name: "9C", id: "02", certificate: 0x5fc10a },
  { name: "9D", id: "03", certificate: 0x5fc10b },
  { name: "9E", id: "04", certificate: 0x5fc101 },
];

/** The algorithm of a management key by its length. */
const MANAGEMENT = new Map([[16, "08"], [24, "0A"], [32, "0C"]]);

/**
 * Has piv-tool make a key and load a certificate for it. Its exit codes are not looked at: OpenSC 0.23
 * with OpenSSL 3 fails to write the public key, after the card has made it, and gives 1 for a
 * certificate that it has loaded.
 */
export async function issue(
  bench: PivBench,
  { name, certificate }: KeyName,
  algorithm: number,
): Promise<void> {
  const { keys, managementKey } = bench.state;
  const before = keys.get(parseInt(name, 16));
  const admin = ["--admin", `M:9B:${MANAGEMENT.get(managementKey.length)}`];
  const type = toHex(Uint8Array.of(algorithm));
  const made = await bench.try("piv-tool", ...[
    ...[...admin, "--genkey", `${name}:${type}`, "--out", `${name}.out`],
  ]);
  const key = bench.state.keys.get(parseInt(name, 16));
  assert.ok(key !== undefined && key !== before, made.text);
  assert.equal(key.algorithm, algorithm);
  bench.write(`${name}.der`, await publicKeyInfo(key));
  await bench.run("openssl", "pkey", "-pubin", "-inform", "DER", ...[
    ...["-in", `${name}.der`, "-out", `${name}.pub`],
  ]);
  // Where piv-tool has written the public key, it is the card's.
  if (bench.read(`${name}.out`).length > 0) {
    await bench.run("openssl", "pkey", "-pubin", ...[
      ...["-in", `${name}.out`, "-out", `${name}.told`],
    ]);
    assert.deepEqual(bench.read(`${name}.told`), bench.read(`${name}.pub`));
  }
  await certify(bench, name);
  const loaded = await bench.try("piv-tool", ...[
    ...[...admin, "--cert", name, "--in", `${name}.pem`],
  ]);
  const content = bench.state.objects.get(certificate);
  const der = toHex(bench.read(`${name}.crt`));
  assert.ok(content !== undefined && toHex(content).includes(der), loaded.text);
}

/** A certificate for the key, by an authority of its own. */
async function certify(bench: PivBench, name: string): Promise<void> {
  if (bench.read("ca.pem").length === 0) {
    await bench.run("openssl", "req", "-x509", "-nodes", ...[
      ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ...["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Authority"],
    ]);
    await bench.run("openssl", "req", "-new", ...[
      ...["-key", "ca.key", "-out", "request.pem", "-subj", "/CN=Card"],
    ]);
  }
  await bench.run("openssl", "x509", "-req", "-CAcreateserial", ...[
    ...["-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"],
    ...["-force_pubkey", `${name}.pub`, "-out", `${name}.pem`],
  ]);
  await bench.run("openssl", "x509", "-outform", "DER", ...[
    ...["-in", `${name}.pem`, "-out", `${name}.crt`],
  ]);
}

/** SubjectPublicKeyInfo in DER. */
async function publicKeyInfo({ algorithm, key }: PivKey): Promise<Uint8Array> {
  const { subtle } = crypto;
  const imported = algorithm === 0x11
    ? await subtle.importKey(
      "raw",
      encodeP256Point(key.point),
      { name: "ECDSA", namedCurve: "P-256" },
      true,
      ["verify"],
    )
    : await subtle.importKey(
      "jwk",
      { kty: "RSA", n: base64url(numberBytes(key.modulus, 256)), e: "AQAB" },
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
      true,
      ["verify"],
    );
  return new Uint8Array(await subtle.exportKey("spki", imported));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}
