// Invariant: OpenSC takes the card for a PIV card, and OpenSSL confirms what its keys do.

import assert from "node:assert/strict";
import { fromHex, NO_BYTES, toHex } from "../../src/bytes.ts";
import { ALL_KEYS, issue, type KeyName } from "./piv_issue.ts";
import { openscTest, type PivBench } from "./piv_programs.ts";

const LOGIN = ["--login", "--pin", "123456"];
const MESSAGE = "to be signed\n";
const P256 = 0x11;
const RSA = 0x07;

openscTest("the tools see a PIV card", {}, async (bench) => {
  const name = await bench.run("opensc-tool", "--name");
  assert.match(name, /Personal Identity Verification Card/);
  const objects = await bench.run("pkcs15-tool", "--dump");
  assert.match(objects, /PKCS#15 Card \[PIV_II\]/);
  assert.match(objects, /PIN \[PIV PUK\]/);
  const holder = bench.state.objects.get(0x5fc102);
  assert.ok(holder !== undefined);
  const shown = objects.replaceAll(/\s/g, "");
  assert.ok(shown.includes(`533B${toHex(holder)}`));
  const slots = await bench.run("pkcs11-tool", "--list-slots");
  assert.match(slots, /login required, .*PIN initialized/);
});

openscTest(
  "RSA: each key is made, certified, and signs or decrypts",
  {},
  async (bench) => {
    bench.write("message", MESSAGE);
    for (const key of ALL_KEYS) {
      await issue(bench, key, RSA);
      // OpenSC gives no signatures with the key management key.
      await (key.name === "9D" ? decrypts : signs)(bench, key, RSA);
    }
    const objects = await bench.run("pkcs11-tool", ...LOGIN, "--list-objects");
    assert.equal(objects.match(/Private Key Object; RSA/g)?.length, 4);
    assert.equal(objects.match(/Certificate Object; type = X.509/g)?.length, 4);
    assert.match(objects, /always authenticate/);
  },
);

openscTest(
  "RSA: pkcs11-tool's own tests",
  { managementKey: fromHex("000102030405060708090A0B0C0D0E0F") },
  async (bench) => {
    const [, signature, management] = ALL_KEYS;
    await issue(bench, signature, RSA);
    await issue(bench, management, RSA);
    const { text } = await bench.try("pkcs11-tool", ...LOGIN, "--test");
    for (
      const name of ["RSA-X-509", "RSA-PKCS", "SHA1-RSA-PKCS", "RSA-PKCS-OAEP"]
    ) assert.match(text, new RegExp(`${name}: (OK|mgf[^\n]*\nOK)`), text);
    // PIV has no random numbers to give; nothing else may fail.
    const errors = text.match(/ERR: .*/g) ?? [];
    for (const error of errors) assert.match(error, /C_GenerateRandom/);
  },
);

openscTest(
  "P-256: each key is made, certified, and signs or agrees",
  { managementKey: fromHex("0F".repeat(32)) },
  async (bench) => {
    bench.write("message", MESSAGE);
    for (const key of ALL_KEYS) {
      await issue(bench, key, P256);
      await (key.name === "9D" ? agrees : signs)(bench, key, P256);
    }
  },
);

openscTest("PIN and PUK are counted, changed and used", {}, async (bench) => {
  const wrong = await bench.try(
    "pkcs11-tool",
    ...["--login", "--pin", "111111", "--list-objects"],
  );
  assert.equal(wrong.success, false);
  assert.match(wrong.text, /CKR_PIN_INCORRECT/);
  assert.equal(bench.state.pin.triesLeft, 2);
  await bench.run("pkcs15-tool", "--change-pin", ...[
    ...["--pin", "123456", "--new-pin", "654321"],
  ]);
  assert.equal(toHex(bench.state.pin.value), "363534333231FFFF");
  assert.equal(bench.state.pin.triesLeft, 3);
  for (let tries = 3; tries > 0; tries--) {
    await bench.try("pkcs11-tool", "--login", "--pin", "123456", "-O");
  }
  assert.equal(bench.state.pin.triesLeft, 0);
  await bench.run("pkcs15-tool", "--unblock-pin", ...[
    ...["--puk", "12345678", "--new-pin", "11223344"],
  ]);
  assert.equal(toHex(bench.state.pin.value), "3131323233333434");
  await bench.run("pkcs11-tool", "--login", "--pin", "11223344", "-O");
  assert.deepEqual(
    [bench.state.pin.triesLeft, bench.state.puk.triesLeft],
    [3, 3],
  );
});

openscTest("piv-tool writes objects", {}, async (bench) => {
  // OpenSC's name of 5FC109, printed information: a name and an affiliation.
  const content = "0104 4D617279 0202 4944 FE00".replaceAll(" ", "");
  bench.write("object", fromHex(`530C${content}`));
  // Its exit code is 1 in OpenSC 0.23 when all is well.
  await bench.try("piv-tool", ...[
    ...["--admin", "M:9B:0A", "--object", "3001", "--in", "object"],
  ]);
  assert.equal(toHex(bench.state.objects.get(0x5fc109) ?? NO_BYTES), content);
  await bench.run("pkcs11-tool", ...LOGIN, "--read-object", ...[
    ...["--type", "data", "--application-id", "2.16.840.1.101.3.7.2.48.1"],
    ...["--output-file", "read"],
  ]);
  assert.equal(toHex(bench.read("read")), `530C${content}`);
});

openscTest(
  "piv-tool is refused with another management key",
  {},
  async (bench) => {
    bench.write("management.key", toHex(new Uint8Array(24), ":"));
    const { success } = await bench.try("piv-tool", ...[
      ...["--admin", "M:9B:0A", "--genkey", "9E:11"],
    ]);
    assert.equal(success, false);
    assert.equal(bench.state.keys.size, 0);
  },
);

/** OpenSSL verifies what pkcs11-tool lets the card sign. */
async function signs(
  bench: PivBench,
  { name, id }: KeyName,
  algorithm: number,
): Promise<void> {
  await bench.run("pkcs11-tool", ...LOGIN, "--sign", "--id", id, ...[
    ...(algorithm === RSA
      ? ["--mechanism=SHA256-RSA-PKCS"]
      : ["--mechanism=ECDSA-SHA256", "--signature-format=openssl"]),
    "--input-file=message",
    "--output-file=signature",
  ]);
  await bench.run("openssl", "dgst", "-sha256", ...[
    ...["-verify", `${name}.pub`, "-signature", "signature", "message"],
  ]);
}

/** pkcs11-tool lets the card decrypt what OpenSSL has encrypted. */
async function decrypts(
  bench: PivBench,
  { name, id }: KeyName,
): Promise<void> {
  await bench.run("openssl", "pkeyutl", "-encrypt", "-pubin", ...[
    ...["-inkey", `${name}.pub`, "-in", "message", "-out", "secret"],
  ]);
  await bench.run("pkcs11-tool", ...LOGIN, "--decrypt", "--id", id, ...[
    "--mechanism=RSA-PKCS",
    "--input-file=secret",
    "--output-file=plain",
  ]);
  assert.equal(new TextDecoder().decode(bench.read("plain")), MESSAGE);
}

/** The card and OpenSSL derive the same secret. */
async function agrees(bench: PivBench, { name, id }: KeyName): Promise<void> {
  await bench.run("openssl", "ecparam", "-genkey", "-noout", ...[
    ...["-name", "prime256v1", "-out", "peer.key"],
  ]);
  await bench.run("openssl", "ec", "-pubout", "-outform", "DER", ...[
    ...["-in", "peer.key", "-out", "peer.der"],
  ]);
  await bench.run("pkcs11-tool", ...LOGIN, "--derive", "--id", id, ...[
    "--mechanism=ECDH1-COFACTOR-DERIVE",
    "--input-file=peer.der",
    "--output-file=ours",
  ]);
  await bench.run("openssl", "pkeyutl", "-derive", ...[
    ...["-inkey", "peer.key", "-peerkey", `${name}.pub`, "-out", "theirs"],
  ]);
  assert.equal(toHex(bench.read("ours")), toHex(bench.read("theirs")));
}
