/** Invariant: an import of an export is lossless. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { CardDatabase, introduceStock } from "../../src/card_database/mod.ts";
import { ResourceManagerError } from "../../src/resource_manager/mod.ts";
import { DOCUMENT, filled } from "./json_document.ts";
import { assertScard } from "./scard_error.ts";

Deno.test("an export has the documented shape", () => {
  using database = filled();
  assert.deepEqual(database.exportJson(), DOCUMENT);
});

Deno.test("an import replaces what is there, an export gives it back", () => {
  using database = CardDatabase.open();
  introduceStock(database);
  const stock = JSON.stringify(database.exportJson());
  database.importJson(DOCUMENT);
  assert.deepEqual(database.exportJson(), DOCUMENT);
  database.importJson(stock);
  assert.equal(JSON.stringify(database.exportJson()), stock);
});

Deno.test("a merge adds, and fails as a whole where a name is taken", () => {
  using database = filled();
  const more = {
    ...DOCUMENT,
    readers: [{ ...DOCUMENT.readers[0], name: "New", groups: ["HOME"] }],
    cardTypes: [{ ...DOCUMENT.cardTypes[0], name: "New" }],
  };
  assertScard(
    "SCARD_E_INVALID_VALUE",
    () =>
      database.importJson({
        ...more,
        cardTypes: [...more.cardTypes, DOCUMENT.cardTypes[1]],
      }, { merge: true }),
    /\$\.cardTypes\[1\].*"A" is there already/,
  );
  assert.deepEqual(database.exportJson(), DOCUMENT);
  database.importJson(more, { merge: true });
  assert.deepEqual(database.readerGroupsOf("New"), ["Home"]);
  assert.deepEqual(database.listCards(), ["Z", "A", "New"]);
});

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes("\0"));
const hex = fc.uint8Array({ minLength: 1, maxLength: 36 });

Deno.test("whatever a database holds comes back from its JSON text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, name, fc.array(name, { maxLength: 3 }))),
      fc.array(fc.tuple(
        name,
        hex,
        fc.boolean(),
        fc.array(fc.uuid(), { maxLength: 3 }),
        fc.dictionary(
          fc.integer({ min: 2, max: 0xFFFFFFFF }).map(String),
          name,
          { maxKeys: 3 },
        ),
      )),
      (readers, types) => {
        using database = CardDatabase.open();
        for (const [reader, device, groups] of readers) {
          attempt(() => database.introduceReader(reader, device));
          for (const group of groups) {
            attempt(() => database.addReaderToGroup(reader, group));
          }
        }
        for (const [type, bytes, masked, interfaces, providers] of types) {
          const mask = masked ? bytes : null;
          attempt(() =>
            database.introduceCardType({
              name: type,
              atr: bytes,
              mask,
              primaryProvider: interfaces[0] ?? null,
              interfaces,
              providers: Object.entries(providers)
                .map(([id, provider]) => [Number(id), provider]),
            })
          );
        }
        const text = JSON.stringify(database.exportJson());
        using copy = CardDatabase.open();
        copy.importJson(text);
        assert.equal(JSON.stringify(copy.exportJson()), text);
        assert.deepEqual(copy.cardTypes, database.cardTypes);
        assert.deepEqual(copy.readers, database.readers);
      },
    ),
    { seed: 78163, numRuns: 60 },
  );
});

/** Names may be taken, or be those of system groups. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ResourceManagerError)) throw error;
  }
}
