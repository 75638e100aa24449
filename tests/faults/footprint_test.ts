// After a crowd of good and bad clients the server has the files and the memory that it had before.

import assert from "node:assert/strict";

Deno.test("a soak of two seconds leaves nothing behind", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const script = new URL("soak_main.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--v8-flags=--expose-gc",
      script,
      `--minutes=${2 / 60}`,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, text + new TextDecoder().decode(stderr));
  const counted = text.match(/soak: (\d+) clients; open files/);
  assert.ok(Number(counted?.[1]) > 100, text);
});
