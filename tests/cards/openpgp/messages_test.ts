import { equal } from "node:assert/strict";
import { go, PW3, run, send } from "./openpgp_run.ts";

Deno.test("command chaining", async () => {
  await run(
    {},
    [PW3, "9000"],
    ["10DA010202 0102", "9000"],
    ["10DA010201 03", "9000"],
    ["00DA010201 04", "9000"],
    ["00CA010200", "01020304 9000"],
    // Another command breaks the chain, and is not part of it.
    ["10DA010201 05", "9000"],
    ["00CA010200", "01020304 9000"],
    ["00DA010201 06", "9000"],
    ["00CA010200", "06 9000"],
    ["10DA010201 07", "9000"],
    ["10DA010401 08", "9000"],
    ["00DA010401 09", "9000"],
    ["00CA010400", "0809 9000"],
    // VERIFY counts once a chain.
    ["1020008203 313233", "9000"],
    ["0020008203 343536", "9000"],
  );
});

Deno.test("a chain longer than the card takes is refused, and a reset ends it", async () => {
  const card = await run({}, [PW3, "9000"]);
  const link = `10DA0102FF ${"11".repeat(255)}`;
  for (let i = 0; i < 32; i++) await go(card, [link, "9000"]);
  await go(card, [link, "6700"], [link, "9000"]);
  card.reset();
  await go(
    card,
    [PW3, "9000"],
    ["00DA010201 01", "9000"],
    ["00CA010200", "01 9000"],
  );
});

Deno.test("GET RESPONSE hands out what did not fit", async () => {
  const value = "5A".repeat(600);
  const card = await run(
    {},
    [PW3, "9000"],
    [`00DA0102000258 ${value}`, "9000"],
    ["00CA010200", `${"5A".repeat(256)} 6100`],
    ["00C0000000", `${"5A".repeat(256)} 6158`],
    ["00C0000010", `${"5A".repeat(16)} 6148`],
    ["00C0000000", `${"5A".repeat(72)} 9000`],
    ["00C0000000", "6985"],
    ["00CA0102", "6100"],
    ["00C000000000FF", `${"5A".repeat(255)} 6100`],
    ["00CA010210", `${"5A".repeat(16)} 6100`],
    ["00200082", "63C3"],
    ["00C0000000", "6985"],
    ["00CA010200", `${"5A".repeat(256)} 6100`],
    ["00C00000", "6700"],
    ["00CA010200", `${"5A".repeat(256)} 6100`],
    ["00C0010000", "6B00"],
    ["00CA010200", `${"5A".repeat(256)} 6100`],
  );
  card.reset();
  equal(await send(card, "00C0000000"), "6985");
});

Deno.test("classes, lengths and instructions that the card does not know", async () => {
  await run(
    {},
    ["80CA004F00", "6E00"],
    ["0CCA004F00", "6882"],
    ["01CA004F00", "6881"],
    ["00B0000000", "6D00"],
    ["00", "6700"],
    ["", "6700"],
    ["00CA004F0000", "6700"],
    ["00A4000C023F00", "6A82"],
    ["00A4040007 A0000003080000", "6A82"],
    ["00A4040005 D276000124", "6A82"],
    ["00A404000B D276000124010304FFFF01", "6A82"],
    ["00A404000B D276000124010304FFFF00", "9000"],
  );
});

Deno.test("GET CHALLENGE", async () => {
  await run(
    { random: (length) => new Uint8Array(length).fill(0xc5) },
    ["0084000004", "C5C5C5C5 9000"],
    ["0084000000", `${"C5".repeat(256)} 9000`],
    ["00840000000000", `${"C5".repeat(2048)} 9000`],
    ["00840000000801", "6700"],
    ["00840000", "6700"],
    ["0084010004", "6B00"],
  );
});
