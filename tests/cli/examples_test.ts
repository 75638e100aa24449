import assert from "node:assert/strict";
import { VERBS } from "../../src/cli/verbs.ts";
import { spawnScard } from "./command.ts";
import { scard, temporaryFolder } from "./fake_io.ts";

/** The example of a verb, as its help prints it: one or more command lines. */
async function exampleOf(verb: string): Promise<string[][]> {
  const { code, io } = await scard([verb, "--help"]);
  assert.equal(code, 0);
  const example = /\n\nExample:\n {2}(.*)$/.exec(io.text)?.[1] ?? "";
  return example.split("; ").map((line) => {
    const [program, ...args] = line.split(" ");
    assert.equal(program, "scard", example);
    return args;
  });
}

/** Verbs whose example runs until it is interrupted. */
const ENDLESS = ["serve", "card", "replay"];

/** Runs a command line in a folder; interrupts it when it is endless and has said something. */
async function run(
  args: string[],
  cwd: string,
  signal: Deno.Signal | null,
): Promise<void> {
  const child = spawnScard(args, { cwd, env: { XDG_RUNTIME_DIR: cwd } });
  const errors = new Response(child.stderr).text();
  let text = "";
  const stdout = child.stdout.pipeThrough(new TextDecoderStream());
  for await (const chunk of stdout) {
    // Its last line when it is ready.
    const wasReady = READY.test(text);
    text += chunk;
    if (signal !== null && !wasReady && READY.test(text)) child.kill(signal);
  }
  const { code } = await child.status;
  assert.equal(code, 0, `${args.join(" ")}: ${text}${await errors}`);
  assert.notEqual(text, "");
}

const READY = /^export |waits for a reader/m;

for (const { name } of VERBS) {
  Deno.test(`the example of scard ${name} works as printed`, async () => {
    await using folder = await temporaryFolder();
    const lines = await exampleOf(name);
    for (const [index, args] of lines.entries()) {
      const isLast = index === lines.length - 1;
      if (!isLast) {
        const { code, stderr } = await spawnScard(args, { cwd: folder.path })
          .output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        continue;
      }
      const signal = name === "card" ? "SIGTERM" : "SIGINT";
      await run(args, folder.path, ENDLESS.includes(name) ? signal : null);
    }
  });
}

Deno.test("SIGTERM ends a daemon cleanly", async () => {
  await using folder = await temporaryFolder();
  await run(["serve", "--socket", "s"], folder.path, "SIGTERM");
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("every verb: help of 80 columns, and unknown options refused", async () => {
  for (const { name } of VERBS) {
    const { io } = await scard([name, "--help"]);
    for (const line of io.lines) {
      assert.ok(
        line.length <= 80 || line.startsWith("  scard "),
        `${name}: ${line}`,
      );
    }
    const wrong = await scard([name, "--no-such-option"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.io.errors, /unknown option --no-such-option/);
  }
});
