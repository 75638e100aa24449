// Invariant: without WebAssembly the core says what is missing, or works as TypeScript.
import assert from "node:assert/strict";
import { runDeno } from "../../scripts/run_program.ts";

/** Runs `code` in a process that has no WebAssembly and no permission; gives what it prints. */
async function withoutWasm(code: string): Promise<string> {
  const url = (path: string) => new URL(`../../src/${path}`, import.meta.url);
  const text = `
    Reflect.deleteProperty(globalThis, "WebAssembly");
    const core = await import("${url("core/mod.ts")}");
    const portable = () => import("${url("portable/mod.ts")}");
    ${code}`;
  const { success, stdout, stderr } = await runDeno([
    "eval",
    "--quiet",
    "--no-config",
    `await import("data:text/javascript," + ${
      JSON.stringify(encodeURIComponent(text))
    })`,
  ]);
  assert.equal(stderr, "");
  assert.ok(success);
  return stdout.trim();
}

const EXCHANGE = `
  const session = new core.T1Session();
  session.begin(Uint8Array.of(0, 0x84, 0, 0, 8));
  session.machine.receive.set([0, 0, 2, 0x90, 0, 0x92]);
  console.log(session.step(6), [...session.response()].join());`;

Deno.test("without WebAssembly the core works as TypeScript", async () => {
  const code = `
    await portable();
    console.log(core.parseAtr(Uint8Array.of(0x3b, 0x80, 0x01, 0x81)).valid);
    ${EXCHANGE}`;
  assert.equal(await withoutWasm(code), "true\n0 144,0");
});

Deno.test("without WebAssembly and without the other run it says what is missing", async () => {
  const code = `
    try { core.parseAtr(Uint8Array.of(0x3b, 0x00)); }
    catch (error) { console.log(error.message); }`;
  assert.match(await withoutWasm(code), /^Cannot start the core: .*portable$/);
});

Deno.test("without WebAssembly there is room for so many machines, and no more", async () => {
  const code = `
    await portable();
    const machines = [];
    try { for (;;) machines.push(new core.Machine()); }
    catch (error) { console.log(machines.length, error.name); }
    machines[5][Symbol.dispose]();
    ${EXCHANGE}`;
  assert.equal(await withoutWasm(code), "31 RangeError\n0 144,0");
});

Deno.test("with WebAssembly the run as TypeScript sets no limit to machines", async () => {
  const core = await import("../../src/core/mod.ts");
  await import("../../src/portable/mod.ts");
  const shared = core.sharedCore();
  while (shared.hasFree) new core.Machine(shared);
  using machine = new core.Machine();
  assert.notEqual(machine.core, shared);
});
