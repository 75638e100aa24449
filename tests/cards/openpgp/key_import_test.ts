import { deepEqual, ok } from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  DIGEST_INFO_SHA256,
  ED25519,
  importCommand,
  object,
  oddComposite,
  P256,
  rsaKey,
  sha256,
} from "./key_material.ts";
import { ask, extended, go, PW1, PW1_SIGN, PW3, run } from "./openpgp_run.ts";

const { subtle } = crypto;
const POINT = `04${P256.x}${P256.y}`;

Deno.test("RSA keys are imported, and sign", async () => {
  const { e, p, q, n, verifier } = await rsaKey(2048);
  const card = await run(
    {},
    [importCommand("B6", ["91", e], ["92", p], ["93", q]), "6982"],
    [PW3, "9000"],
    [importCommand("B6", ["91", e], ["92", p], ["93", q]), "9000"],
    // With what it computes itself, and zeros in front.
    [
      importCommand("A4", ["91", `00${e}`], ["92", p], ["93", q], ["97", n]),
      "9000",
    ],
    ["00CA00DE00", "010202000302 9000"],
    ["00478100000002B6000000", `7F498201098182 0100${n}8203010001 9000`],
    [PW1_SIGN, "9000"],
  );
  const text = new TextEncoder().encode("sample");
  const info = fromHex(DIGEST_INFO_SHA256 + await sha256("sample"));
  const signature = await ask(card, extended("002A9E9A", info));
  ok(await subtle.verify("RSASSA-PKCS1-v1_5", verifier, signature, text));
  await go(
    card,
    [importCommand("B6", ["91", e], ["92", p], ["93", p]), "6A80"],
    [importCommand("B6", ["91", "02"], ["92", p], ["93", q]), "6A80"],
    [importCommand("B6", ["91", "00"], ["92", "00"], ["93", "00"]), "6A80"],
    [importCommand("B6", ["91", e], ["92", p]), "6A80"],
    [importCommand("B6", ["91", p], ["92", p], ["93", q]), "6A80"],
    [importCommand("B6", ["91", e], ["92", n + n], ["93", q]), "6A80"],
    // Not a prime.
    [
      importCommand("B6", ["91", e], ["92", oddComposite(p)], ["93", q]),
      "6A80",
    ],
    // The key that was there has stayed.
    ["00478100000002B6000000", /9000$/],
    ["00CA009300", "000001 9000"],
  );
});

Deno.test("P-256: ECDSA as in RFC 6979 A.2.5", async () => {
  const card = await run(
    { algorithm: "p256", random: () => fromHex(P256.k) },
    [PW3, "9000"],
    [importCommand("B6", ["92", P256.secret]), "9000"],
    ["00478100000002B6000000", `7F49438641${POINT} 9000`],
    [importCommand("B6", ["92", P256.secret], ["99", POINT]), "9000"],
    [PW1_SIGN, "9000"],
    [`002A9E9A20${await sha256("sample")}00`, `${P256.r}${P256.s} 9000`],
    [
      importCommand("B6", ["92", P256.secret], ["99", POINT.slice(2)]),
      "6A80",
    ],
    [importCommand("B6", ["92", "00"]), "6A80"],
    [importCommand("B6", ["92", "FF".repeat(32)]), "6A80"],
    [importCommand("B6", ["92", "11".repeat(33)]), "6A80"],
    [importCommand("B6", ["92", `00${P256.secret}`]), "9000"],
    [importCommand("B6", ["92", "01"]), "9000"],
  );
  await go(card, ["00CA00DE00", "010202000300 9000"]);
});

Deno.test("Ed25519: a signature as in RFC 8032 7.1", async () => {
  await run(
    { algorithm: "curve25519" },
    [PW3, "9000"],
    [importCommand("A4", ["92", ED25519.secret]), "9000"],
    ["00478100000002A4000000", `7F49228620${ED25519.public} 9000`],
    [PW1, "9000"],
    ["0088000001 72 00", `${ED25519.signature} 9000`],
    [
      importCommand("A4", ["92", ED25519.secret], [
        "99",
        `40${ED25519.public}`,
      ]),
      "9000",
    ],
    [
      importCommand("A4", ["92", ED25519.secret], ["99", ED25519.secret]),
      "6A80",
    ],
  );
});

Deno.test("X25519: secrets in either byte order", async () => {
  const pair = await subtle.generateKey("X25519", true, [
    "deriveBits",
  ]) as CryptoKeyPair;
  const { d = "" } = await subtle.exportKey("jwk", pair.privateKey);
  const secret = Uint8Array.fromBase64(d, { alphabet: "base64url" });
  const point = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const answer = `7F49228620${toHex(point)} 9000`;
  const read = "00478100000002B8000000";
  const bigEndian = toHex(secret.toReversed());
  await run(
    { algorithm: "curve25519" },
    [PW3, "9000"],
    [importCommand("B8", ["92", bigEndian]), "9000"],
    [read, answer],
    [importCommand("B8", ["92", bigEndian], ["99", toHex(point)]), "9000"],
    [read, answer],
    [importCommand("B8", ["92", toHex(secret)], ["99", toHex(point)]), "9000"],
    [read, answer],
    [importCommand("B8", ["92", bigEndian], ["99", "11".repeat(32)]), "6A80"],
    [read, answer],
  );
});

Deno.test("an extended header list that is none", async () => {
  const card = await run({}, [PW3, "9000"]);
  const lists = [
    "",
    "4D",
    "4D0101",
    "4D02B700",
    "4D02B600",
    object("4D", "B6007F48009203"),
    object("4D", "B6007F480291035F480101"),
    object("4D", "B6007F480291015F48020101"),
    object("4D", "B6007F4801915F480101"),
    object("4D", "B6007F48037F84015F480101"),
  ];
  for (const list of lists) {
    await go(card, [extended("00DB3FFF", fromHex(list)), /^6[7A]/]);
  }
  await go(card, ["00DB3FFE", "6B00"], ["00DB3FFF", "6A80"]);
  deepEqual((await ask(card, "00CA00DE00")).length, 6);
});
