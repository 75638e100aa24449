// Invariant: for gpg and scdaemon, unmodified, the card is an OpenPGP card as any other.

import assert from "node:assert/strict";
import type { OpenPgpAlgorithm } from "../../src/cards/mod.ts";
import { GpgHome, gpgTest, NEW_PIN } from "./openpgp_gpg.ts";

const USER = "jane@example.org";
const TEXT = "Written by the test.";
/** What `--card-edit` asks for after `generate`: no backup, valid for ever, whose key. */
const GENERATE = ["generate", "n", "0", "Jane Doe", USER, ""];

gpgTest("--card-status, --card-edit: names, PINs, reset", {
  serialNumber: 0x1234abcd,
}, async (gpg) => {
  const { stdout } = await gpg.run(["--card-status"]);
  assert.match(stdout, /Application ID .*D276000124010304FFFF1234ABCD0000/);
  assert.match(stdout, /Version \.*: 3\.4/);
  assert.match(stdout, /PIN retry counter : 3 0 3/);
  await gpg.edit("name", "Doe", "Jane", "lang", "en", "login", "jane");
  await gpg.edit("forcesig", "passwd", "1", "q");
  const changed = await gpg.run(["--card-status"]);
  assert.match(changed.stdout, /Name of cardholder: Jane Doe/);
  assert.match(changed.stdout, /Language prefs \.*: en/);
  assert.match(changed.stdout, /Login data \.*: jane/);
  assert.match(changed.stdout, /Signature PIN \.*: not forced/);
  const wrong = await gpg.tryEdit("verify");
  assert.match(wrong.stderr, /SC_OP_FAILURE 2/);
  const counted = await gpg.run(["--card-status"]);
  assert.match(counted.stdout, /PIN retry counter : 2 0 3/);
  gpg.setPin(NEW_PIN);
  await gpg.edit("verify");
  const right = await gpg.run(["--card-status"]);
  assert.match(right.stdout, /PIN retry counter : 3 0 3/);
  await gpg.edit("factory-reset", "y", "yes");
  const reset = await gpg.run(["--card-status"]);
  assert.match(reset.stdout, /Name of cardholder: \[not set\]/);
  assert.match(reset.stdout, /PIN retry counter : 3 0 3/);
});

for (const algorithm of ["rsa2048", "p256", "curve25519"] as const) {
  gpgTest(`${algorithm}: keys made on the card sign and decrypt`, {
    algorithm,
  }, async (gpg) => {
    await gpg.edit(...GENERATE);
    const status = await gpg.run(["--card-status"]);
    assert.match(status.stdout, /Signature key \.*:( ?[0-9A-F]{4}){5}/);
    await signsAndDecrypts(gpg);
  });
}

/** Parameters of `--full-generate-key --batch` for keys that are not on a card. */
const OFF_CARD: [OpenPgpAlgorithm, string[]][] = [
  ["rsa2048", [
    "Key-Type: RSA",
    "Key-Length: 2048",
    "Subkey-Type: RSA",
    "Subkey-Length: 2048",
  ]],
  ["p256", [
    "Key-Type: ECDSA",
    "Key-Curve: nistp256",
    "Subkey-Type: ECDH",
    "Subkey-Curve: nistp256",
  ]],
  ["curve25519", [
    "Key-Type: EDDSA",
    "Key-Curve: Ed25519",
    "Subkey-Type: ECDH",
    "Subkey-Curve: Curve25519",
  ]],
];

for (const [algorithm, parameters] of OFF_CARD) {
  // The card begins with RSA: for others gpg changes the attributes first.
  gpgTest(
    `${algorithm}: keys brought by keytocard sign and decrypt`,
    {},
    async (gpg) => {
      await gpg.run(["--batch", "--generate-key"], [
        "%no-protection",
        ...parameters,
        "Key-Usage: sign",
        "Subkey-Usage: encrypt",
        "Name-Real: Jane Doe",
        `Name-Email: ${USER}`,
        "%commit",
      ]);
      const options = ["--command-fd", "0", "--status-fd", "2"];
      await gpg.run([...options, "--edit-key", USER], [
        "keytocard",
        "y",
        "1",
        "key 1",
        "keytocard",
        "2",
        "save",
      ]);
      const { stdout } = await gpg.run(["--list-secret-keys"]);
      assert.match(stdout, /^sec>/m);
      assert.match(stdout, /^ssb>/m);
      await signsAndDecrypts(gpg);
    },
  );
}

/** The card signs what another keyring verifies, and decrypts what another keyring encrypts. */
async function signsAndDecrypts(gpg: GpgHome): Promise<void> {
  await using other = new GpgHome("none");
  const key = `${gpg.folder}/key`;
  const text = `${gpg.folder}/text`;
  const message = `${other.folder}/message`;
  Deno.writeTextFileSync(text, TEXT);
  await gpg.run(["--output", key, "--export", USER]);
  await other.run(["--import", key]);
  await gpg.run(["--local-user", USER, "--output", `${text}.sig`, "-b", text]);
  const status = ["--status-fd", "1", "--trust-model", "always"];
  const verified = await other.run([
    ...status,
    "--verify",
    `${text}.sig`,
    text,
  ]);
  assert.match(verified.stdout, /GOODSIG .*Jane Doe/);
  Deno.writeTextFileSync(text, `${TEXT}.`);
  const forged = [...status, "--verify", `${text}.sig`, text];
  assert.match((await other.tryRun(forged)).stdout, /BADSIG/);
  await other.run([...status, "-r", USER, "--output", message, "-e", text]);
  const decrypted = await gpg.run(["--decrypt", message]);
  assert.equal(decrypted.stdout, `${TEXT}.`);
}
