import assert from "node:assert/strict";
import { Vicc, viccTest } from "./vicc.ts";

const DEADLINE = 30_000;

viccTest("the demo selects the MF of a real virtual card", async (program) => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-net=127.0.0.1",
      new URL("../../src/cli/demo.ts", import.meta.url).href,
      "--vpcd",
      "0",
    ],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE);
  let card: Vicc | null = null;
  let output = "";
  try {
    const stream = child.stdout.pipeThrough(new TextDecoderStream());
    for await (const text of stream) {
      output += text;
      const port = output.match(/Waiting for a card on 127\.0\.0\.1:(\d+)\n/);
      if (card === null && port !== null) {
        card = new Vicc(program, Number(port[1]));
      }
    }
    assert.equal((await child.status).code, 0);
    assert.match(output, /SELECT the MF[\s\S]*?SW 9000: done/);
  } finally {
    clearTimeout(deadline);
    await card?.stop();
  }
});
