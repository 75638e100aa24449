// Invariant: only who knows the management key, and answers at once, becomes the manager.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { encryptBlock } from "../../../src/cards/piv/management_key.ts";
import { command, PivHost } from "./piv_host.ts";

const CHALLENGE = "00112233445566778899AABBCCDDEEFF";
/** GENERATE of a P-256 key, which only the manager may. */
const GENERATE = "0047009E05AC0380011100";

Deno.test("AES blocks are those of FIPS 197, appendix C", async () => {
  const key = "000102030405060708090A0B0C0D0E0F1011121314151617" +
    "18191A1B1C1D1E1F";
  for (
    const [length, expected] of [
      [32, "69C4E0D86A7B0430D8CDB78070B4C55A"],
      [48, "DDA97CA4864CDFE06EAF70A0EC0D7191"],
      [64, "8EA2B7CA516745BFEAFC49904B496089"],
    ] as const
  ) {
    const block = await encryptBlock(
      fromHex(key.slice(0, length)),
      fromHex(CHALLENGE),
    );
    assert.equal(toHex(block), expected);
  }
});

Deno.test("external authentication, with keys of each length", async () => {
  for (const length of [16, 24, 32]) {
    const managementKey = new Uint8Array(length).map((_, i) => i * 5);
    const host = new PivHost({ managementKey });
    await host.run([GENERATE, "6982"]);
    await host.authenticate();
    assert.match(await host.send(GENERATE), /9000$/);
    host.card.reset();
    await host.run([GENERATE, "6982"]);
  }
});

Deno.test("mutual authentication, with and without an empty response", async () => {
  for (const end of ["", "8200"]) {
    const host = new PivHost();
    const witness = await host.send(host.manage("8000"));
    assert.match(witness, /^7C128010.{32}9000$/);
    const plain = await host.decrypt(witness.slice(8, -4));
    const answer = await host.send(
      host.manage(`8010${plain}8110${CHALLENGE}${end}`),
    );
    const expected = await host.encrypt(CHALLENGE);
    assert.equal(answer, `7C128210${expected}9000`);
    assert.match(await host.send(GENERATE), /9000$/);
  }
});

Deno.test("wrong answers, late answers, and answers to nothing", async () => {
  const host = new PivHost();
  await host.authenticate();
  // To begin again is to give up what was proved.
  const first = await host.send(host.manage("8100"));
  await host.run([GENERATE, "6982"]);
  const late = await host.encrypt(first.slice(8, -4));
  await host.run(
    [host.manage(`8210${late}`), "6982"],
    [host.manage(`8210${CHALLENGE}`), "6982"],
    [host.manage(`8010${CHALLENGE}8110${CHALLENGE}`), "6982"],
  );
  const challenge = await host.send(host.manage("8100"));
  const plain = challenge.slice(8, -4);
  // A challenge is no witness.
  await host.run(
    [host.manage(`8010${plain}8110${CHALLENGE}`), "6982"],
    [GENERATE, "6982"],
  );
  await host.send(host.manage("8100"));
  await host.run([host.manage(`8210${CHALLENGE}`), "6982"], [GENERATE, "6982"]);
  await host.send(host.manage("8000"));
  await host.run(
    [host.manage(`8010${CHALLENGE}8110${CHALLENGE}`), "6982"],
    [GENERATE, "6982"],
  );
});

Deno.test("a challenge is for the very next command", async () => {
  for (const between of ["00200080", "00FF0000", "00", "80CB3FFF"]) {
    const host = new PivHost();
    const challenge = await host.send(host.manage("8100"));
    const response = await host.encrypt(challenge.slice(8, -4));
    await host.send(between);
    await host.run([host.manage(`8210${response}`), "6982"]);
  }
});

Deno.test("templates that mean nothing, and other algorithms", async () => {
  const host = new PivHost();
  await host.run(
    [host.manage(""), "6A80"],
    [host.manage("8200"), "6A80"],
    [host.manage("80008100"), "6A80"],
    [host.manage("81008200"), "6A80"],
    [host.manage("820812345678ABCDEF00"), "6A80"],
    [host.manage(`8110${CHALLENGE}8200`), "6A80"],
    [host.manage(`8010${CHALLENGE}8110${CHALLENGE}8300`), "6A80"],
    [host.manage("8500"), "6A80"],
    [command("0087039B", "7C028100"), "6A86"],
    [command("0087089B", "7C028100"), "6A86"],
    [command("0087119B", "7C028100"), "6A86"],
  );
});
