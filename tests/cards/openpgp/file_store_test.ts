import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { FileCardStore } from "../../../src/cards/file_store.ts";
import { go, PW1, run, WRONG_PW1 } from "./openpgp_run.ts";

const CRASHING_CARD = new URL("crashing_card.ts", import.meta.url);
const DEADLINE_MS = 30_000;

async function withFile(
  use: (path: string, folder: string) => Promise<void>,
): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await use(`${folder}/card.json`, folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a card in a file", () =>
  withFile(async (path, folder) => {
    const store = new FileCardStore(path);
    equal(store.load(), null);
    await run({ store }, [WRONG_PW1, "6982"], [WRONG_PW1, "6982"]);
    if (Deno.build.os !== "windows") {
      equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    }
    const again = await run(
      { store: new FileCardStore(path) },
      ["00200082", "63C1"],
      [PW1, "9000"],
    );
    again.reset();
    await go(again, ["00200082", "63C3"]);
    deepEqual([...Deno.readDirSync(folder)].length, 1);
  }));

Deno.test("a file that cannot be written: memory failure", () =>
  withFile(async (_path, folder) => {
    const store = new FileCardStore(`${folder}/none/card.json`);
    throws(() => store.save(new Uint8Array(1)), Deno.errors.NotFound);
    await run({ store }, [WRONG_PW1, "6581"]);
    throws(() => new FileCardStore(folder).load());
  }));

Deno.test("a card that is killed has lost nothing that it confirmed", () =>
  withFile(async (path) => {
    let count = 0;
    for (let round = 0; round < 3; round++) {
      const told = await killedAfter(path, count, 5 + 20 * round);
      const kept = await countIn(path);
      ok(kept >= told, `${told} was told, ${kept} is kept`);
      ok(kept <= told + 1);
      count = kept + 1;
    }
  }));

/** The last number that the card told before it was killed, `more` numbers after `first`. */
async function killedAfter(
  path: string,
  first: number,
  more: number,
): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CRASHING_CARD.href, path, String(first)],
    stdout: "piped",
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).spawn();
  let text = "";
  for await (
    const piece of child.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += piece;
    if (text.split("\n").length > more) child.kill("SIGKILL");
  }
  await child.status;
  return parseInt(text.trimEnd().split("\n").at(-1) ?? "", 16);
}

async function countIn(path: string): Promise<number> {
  const card = await run({ store: new FileCardStore(path) });
  const answer = await card.process(Uint8Array.of(0, 0xca, 1, 2, 0));
  equal(answer.length, 4);
  return answer[0] << 8 | answer[1];
}
