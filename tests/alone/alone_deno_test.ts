import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runDeno } from "../../scripts/run_program.ts";
import { testsInDeno } from "./suite.ts";
import { TemporaryFolder } from "./temporary_folder.ts";
import { withoutPermission } from "./without_permission.ts";

const CORE = new URL("../../src/core/mod.ts", import.meta.url).href;
const TESTS = fileURLToPath(new URL("../core/", import.meta.url));

Deno.test("without permission, the core reads an ATR and exchanges an APDU over T=1", async () => {
  const printed = await withoutPermission(`
    import { lrc, MACHINE_DONE, MACHINE_TRANSFER, parseAtr, T1Session } from ${
    JSON.stringify(CORE)
  };
    const { valid, protocols } = parseAtr(Uint8Array.of(0x3b, 0x80, 0x01, 0x81));
    console.log(valid, protocols[0]);

    using session = new T1Session();
    const { send, receive } = session.machine;
    const events = [session.start(Uint8Array.of(0, 0x84, 0, 0, 8))];
    const sent = send.slice(0, session.build());
    const answer = Uint8Array.of(0, 0, 2, 0x90, 0, 0x92);
    receive.set(answer);
    events.push(session.digest(answer.length));
    console.log(events[0] === MACHINE_TRANSFER, events[1] === MACHINE_DONE);
    console.log(sent.toHex(), lrc(sent), session.response().toHex());
  `);
  assert.deepEqual(printed.split("\n"), [
    "true 1",
    "true true",
    "000005008400000889 0 9000",
  ]);
});

Deno.test("without permission, Deno runs all tests of the core, and those that other hosts are given", async () => {
  const { success, stdout, stderr } = await runDeno([
    "test",
    "--no-prompt",
    "--no-check",
    "--reporter=tap",
    TESTS,
  ]);
  assert.ok(success, stdout + stderr);
  const ran = [...stdout.matchAll(/^ok \d+ - (.*)$/gm)]
    .map(([, name]) => name)
    .filter((name) => !name.endsWith(" # SKIP"))
    .map((name) => name.replaceAll("\\#", "#"));
  assert.ok(ran.length > 0);
  await using folder = new TemporaryFolder();
  assert.deepEqual(ran, Object.values(await testsInDeno(folder.url)).flat());
});
