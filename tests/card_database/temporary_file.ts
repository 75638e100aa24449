/** Database files for a test. */

import { fromHex } from "../../src/bytes.ts";
import { CardDatabase } from "../../src/card_database/mod.ts";

/** A place for a database file, gone with everything beside it at the end. */
export class TemporaryFile implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "card_database_" });

  get path(): string {
    return `${this.#folder}/cards.db`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** A database file with a reader and a card type in it. */
export function filledFile(): TemporaryFile {
  const file = new TemporaryFile();
  using database = CardDatabase.open({ file: file.path });
  database.introduceReader("Desk", "Reader 0");
  database.introduceCardType({ name: "A", atr: fromHex("3B00") });
  return file;
}
