/** A card in a file that counts in a private object, and says so after each answer; killed by its test. */
import { toHex } from "../../../src/bytes.ts";
import { OpenPgpApplication } from "../../../src/cards/mod.ts";
import { FileCardStore } from "../../../src/cards/file_store.ts";
import { go, PW3 } from "./openpgp_run.ts";

const store = new FileCardStore(Deno.args[0]);
const card = new OpenPgpApplication({ store });
await go(card, [PW3, "9000"]);
for (let count = parseInt(Deno.args[1]);; count++) {
  const value = toHex(Uint8Array.of(count >> 8, count & 0xff));
  await go(card, [`00DA010202 ${value}`, "9000"]);
  console.log(value);
}
