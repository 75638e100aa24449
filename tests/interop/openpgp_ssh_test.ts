// Invariant: the authentication key signs for SSH, through gpg's agent, what ssh-keygen verifies.

import assert from "node:assert/strict";
import { gpgTest } from "./openpgp_gpg.ts";

const USER = "jane@example.org";
const NAMESPACE = "file";

for (const algorithm of ["rsa2048", "p256", "curve25519"] as const) {
  gpgTest(`${algorithm}: ssh-keygen signs with the card and verifies`, {
    algorithm,
  }, async (gpg) => {
    const generate = ["generate", "n", "0", "Jane Doe", USER, ""];
    await gpg.edit(...generate);
    const { stdout: key } = await gpg.program("ssh-add", ["-L"]);
    assert.match(key, /cardno:/);
    const [keyFile, signers, text] = ["key", "signers", "text"].map((name) =>
      `${gpg.folder}/${name}`
    );
    Deno.writeTextFileSync(keyFile, key);
    Deno.writeTextFileSync(signers, `${USER} ${key}`);
    Deno.writeTextFileSync(text, "Written by the test.\n");
    const options = ["-n", NAMESPACE, "-f"];
    const sign = ["-Y", "sign", ...options, keyFile, text];
    await gpg.program("ssh-keygen", sign);
    const verify = ["-Y", "verify", "-I", USER, "-s", `${text}.sig`];
    const verified = await gpg.program(
      "ssh-keygen",
      [...verify, ...options, signers],
      ["Written by the test."],
    );
    assert.match(verified.stdout, /^Good "file" signature/);
  });
}
