import assert from "node:assert/strict";

/** Every module that `file` loads, by what `deno info` says of it. */
async function modulesOf(file: string): Promise<string[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(`../../${file}`, import.meta.url).href],
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string }[];
  };
  return modules.map(({ specifier }) => specifier);
}

Deno.test("the front door does not load SQLite, the database does", async () => {
  const isSqlite = (name: string) => name === "node:sqlite";
  assert.equal((await modulesOf("mod.ts")).some(isSqlite), false);
  assert.ok((await modulesOf("src/card_database/mod.ts")).some(isSqlite));
});
