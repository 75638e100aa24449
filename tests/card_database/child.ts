/**
 * A process that works on a database file: `child.ts FILE write PREFIX COUNT` introduces
 * readers and card types and confirms each by a line; `child.ts FILE list` prints the
 * readers, one a line.
 */

import { CardDatabase } from "../../src/card_database/mod.ts";

const [file, command, prefix, count] = Deno.args;
const encoder = new TextEncoder();

/** Writes a line before it returns: what was confirmed is confirmed. */
function confirm(line: string): void {
  const bytes = encoder.encode(`${line}\n`);
  let written = 0;
  while (written < bytes.length) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

using database = CardDatabase.open({ file, busyTimeoutMs: 20_000 });
if (command === "list") {
  for (const { name } of database.readers) confirm(name);
} else {
  for (let i = 0; i < Number(count); i++) {
    const name = `${prefix}${i}`;
    database.atomically(() => {
      database.introduceReader(name, `device of ${name}`);
      database.addReaderToGroup(name, `group of ${name}`);
      database.introduceCardType({
        name,
        atr: encoder.encode(name),
        interfaces: ["{53B6AA68-3F56-11D0-916B-00AA00C18068}"],
        providers: [[2, name]],
      });
    });
    confirm(name);
  }
}
