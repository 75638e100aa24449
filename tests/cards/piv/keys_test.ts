// Invariant: a key does what it is for, for whom may use it, and Web Crypto agrees.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { command, PIN, PivHost, verifyPin } from "./piv_host.ts";

const HASH_OF_ABC =
  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
const ABC = new TextEncoder().encode("abc");

/** GENERAL AUTHENTICATE that asks for a response to `tag` and `value`. */
function use(header: string, tag: string, value: string): string {
  const length = (hex: string) =>
    (hex.length / 2).toString(16).padStart(2, "0");
  const objects = `8200${tag}${length(value)}${value}`;
  return command(header, `7C${length(objects)}${objects}`);
}

/** r and s as Web Crypto takes them, from DER. */
function plainSignature(der: string): Uint8Array<ArrayBuffer> {
  const rLength = 2 * parseInt(der.slice(6, 8), 16);
  const r = der.slice(8, 8 + rLength);
  const s = der.slice(8 + rLength + 4);
  const fixed = (hex: string) => hex.padStart(64, "0").slice(-64);
  return fromHex(fixed(r) + fixed(s));
}

async function verifiesP256(point: string, der: string): Promise<boolean> {
  const key = await crypto.subtle.importKey(
    "raw",
    fromHex(point),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["verify"],
  );
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return crypto.subtle.verify(algorithm, key, plainSignature(der), ABC);
}

Deno.test("P-256: 9E signs for anybody, 9A after the PIN, 9C right after the PIN", async () => {
  const host = new PivHost();
  await host.authenticate();
  const points = new Map<string, string>();
  for (const reference of ["9A", "9C", "9D", "9E"]) {
    const object = await host.generate(reference, "11");
    assert.match(object, /^864104/);
    points.set(reference, object.slice(4));
  }
  const signed = async (reference: string) => {
    const answer = await host.send(
      use(`008711${reference}`, "81", HASH_OF_ABC),
    );
    assert.match(answer, /^7C..82.*9000$/);
    return verifiesP256(points.get(reference) ?? "", answer.slice(8, -4));
  };
  const refused: [string, string][] = ["9A", "9C"].map((reference) => [
    use(`008711${reference}`, "81", HASH_OF_ABC),
    "6982",
  ]);
  assert.ok(await signed("9E"));
  await host.run(...refused, [verifyPin(PIN), "9000"]);
  assert.ok(await signed("9C"));
  assert.ok(await signed("9A"));
  assert.ok(await signed("9A"));
  await host.run(refused[1], [verifyPin(PIN), "9000"], ["00200080", "9000"]);
  await host.run(refused[1], [verifyPin(PIN), "9000"]);
  // A changed PIN is a verified one, but not by VERIFY.
  await host.run(
    [`0024008010${PIN}${PIN}`, "9000"],
    refused[1],
    ["00200080", "9000"],
    [verifyPin(PIN), "9000"],
  );
  // A chain is one command.
  const whole = use("0087119C", "81", HASH_OF_ABC);
  const data = whole.slice(10, -2);
  assert.equal(await host.send(`1087119C10${data.slice(0, 32)}`), "9000");
  const rest = (data.length - 32) / 2;
  const answer = await host.send(
    `0087119C${rest.toString(16).padStart(2, "0")}${data.slice(32)}00`,
  );
  assert.ok(await verifiesP256(points.get("9C") ?? "", answer.slice(8, -4)));
  await host.run(["0020FF80", "9000"], ...refused);
});

Deno.test("P-256: short hashes, and what is refused", async () => {
  const host = new PivHost();
  await host.authenticate();
  await host.generate("9E", "11");
  await host.generate("9D", "11");
  assert.match(await host.send(use("0087119E", "81", "AB")), /9000$/);
  await host.run(
    [verifyPin(PIN), "9000"],
    [use("0087119E", "81", ""), "6A80"],
    [use("0087119E", "81", `${HASH_OF_ABC}00`), "6A80"],
    [use("0087119E", "85", `04${HASH_OF_ABC}${HASH_OF_ABC}`), "6A80"],
    [use("0087119D", "81", HASH_OF_ABC), "6A80"],
    [use("0087119D", "85", `04${HASH_OF_ABC}${HASH_OF_ABC}`), "6A80"],
    [use("0087079E", "81", HASH_OF_ABC), "6A86"],
    [use("0087119A", "81", HASH_OF_ABC), "6A86"],
    [use("00871104", "81", HASH_OF_ABC), "6A86"],
    [command("0087119E", "7C028100"), "6A80"],
    [command("0087119E", "7C0482008000"), "6A80"],
    [command("0087119E", "7C0582008101"), "6A80"],
    [command("0087119E", "8200"), "6A80"],
    [command("0087119E", `7C058201008100`), "6A80"],
  );
});

Deno.test("P-256: key agreement with 9D and with a retired key", async () => {
  const host = new PivHost();
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const theirPoint = toHex(
    new Uint8Array(await crypto.subtle.exportKey("raw", theirs.publicKey)),
  );
  for (const reference of ["9D", "82", "95"]) {
    await host.authenticate();
    const object = await host.generate(reference, "11");
    await host.run([use(`008711${reference}`, "85", theirPoint), "6982"]);
    await host.run([verifyPin(PIN), "9000"]);
    const ours = await crypto.subtle.importKey(
      "raw",
      fromHex(object.slice(4)),
      curve,
      true,
      [],
    );
    const secret = await crypto.subtle.deriveBits(
      { name: "ECDH", public: ours },
      theirs.privateKey,
      256,
    );
    await host.run(
      [
        use(`008711${reference}`, "85", theirPoint),
        `7C228220${toHex(new Uint8Array(secret))}9000`,
      ],
      ["0020FF80", "9000"],
    );
  }
});

Deno.test("RSA: a block is signed, chained or in extended length, and fetched in pieces", async () => {
  const host = new PivHost();
  await host.authenticate();
  const object = await host.generate("9E", "07");
  assert.match(object, /^81820100.{512}8203010001$/);
  const modulus = object.slice(8, 520);
  const info = `3031300D060960864801650304020105000420${HASH_OF_ABC}`;
  const block = `0001${"FF".repeat(202)}00${info}`;
  const template = (value: string) => `7C820106820081820100${value}`;
  const data = template(block);
  const answer = await host.send(`0087079E00010A${data}0000`);
  assert.match(answer, /^7C82010482820100.{512}9000$/);
  const jwk = { kty: "RSA", n: base64url(fromHex(modulus)), e: "AQAB" };
  const scheme = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, scheme, false, [
    "verify",
  ]);
  const signature = fromHex(answer.slice(16, -4));
  assert.ok(await crypto.subtle.verify(scheme.name, key, signature, ABC));
  await host.run([`1087079EF0${data.slice(0, 480)}`, "9000"]);
  assert.equal(await host.send(`0087079E1A${data.slice(480)}00`), answer);
  await host.run(
    [`0087079E00010A${template(modulus)}0000`, "6A80"],
    [`0087079E000109${template(block).slice(0, -2)}0000`, "6A80"],
    [use("0087079E", "81", HASH_OF_ABC), "6A80"],
    [use("0087079E", "85", HASH_OF_ABC), "6A80"],
  );
});

Deno.test("GENERATE takes the management key, a key and an algorithm that exist", async () => {
  const host = new PivHost();
  await host.run([verifyPin(PIN), "9000"], [
    "0047009A05AC0380011100",
    "6982",
  ]);
  await host.authenticate();
  await host.run(
    ["0047009B05AC0380011100", "6A86"],
    ["0047000405AC0380011100", "6A86"],
    ["0047019A05AC0380011100", "6A86"],
    ["0047009A05AC0380010600", "6A80"],
    ["0047009A05AC0380011400", "6A80"],
    ["0047009A06AC048002111100", "6A80"],
    ["0047009A02AC0000", "6A80"],
    ["0047009A0380011100", "6A80"],
    ["0047009A0AAC08800107810301000300", "6A80"],
    ["0047009A07AC0580011185000000".slice(0, -2), "6A80"],
    ["0047009A", "6A80"],
  );
  assert.equal(host.card.state.keys.size, 0);
  const answer = await host.send("0047009A0AAC08800107810301000100");
  assert.match(answer, /^7F498201.*9000$/);
  assert.deepEqual(
    host.card.waitingTime(fromHex("0047009A05AC0380010700")),
    { multiplier: 10, times: 1 },
  );
  assert.equal(host.card.waitingTime(fromHex("00200080")), null);
});

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-")
    .replaceAll("/", "_").replaceAll("=", "");
}
