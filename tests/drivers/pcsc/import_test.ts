// Invariant: whoever only imports the driver needs neither permission nor library.

import assert from "node:assert/strict";
import { openPcscLibrary } from "../../../src/drivers/pcsc/mod.ts";

const MODULE = new URL("../../../src/drivers/pcsc/mod.ts", import.meta.url);
const DEADLINE_MS = 30_000;

Deno.test("importing needs no permission, opening needs --allow-ffi", async () => {
  const program = `
    import { PcscService } from ${JSON.stringify(MODULE.href)};
    console.log(typeof PcscService);
    await PcscService.open().catch((error) => console.log(error.name));
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--quiet", "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder();
  assert.equal(
    text.decode(stdout),
    "function\nNotCapable\n",
    text.decode(stderr),
  );
});

Deno.test({
  name: "a library that is not there is named",
  // Elsewhere the platform is refused first.
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assert.throws(() => openPcscLibrary({ path: "/nowhere/libpcsclite.so" }), {
      message:
        /^Cannot open the PC\/SC library: .*expected \/nowhere\/libpcsclite\.so \(on Debian: apt-get install libpcsclite1\)$/s,
    });
  },
});
