/** Invariant: whatever is done to it, the database answers like a model in plain maps. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { CardDatabase } from "../../src/card_database/mod.ts";
import { ResourceManagerError } from "../../src/resource_manager/mod.ts";
import { Model } from "./model.ts";
import { TemporaryFile } from "./temporary_file.ts";

const GUIDS = [
  "{53B6AA68-3F56-11D0-916B-00AA00C18068}",
  "{1461AAC3-6810-11D0-918F-00AA00C18068}",
];

/** One thing done to both; both answers must be the same. */
interface Step {
  readonly what: string;
  onModel(model: Model): unknown;
  onDatabase(database: CardDatabase): unknown;
}

// Few names, so that they meet, in several cases.
const reader = fc.constantFrom("Desk", "desk", "Till", "Reader 0", "READER 0");
const device = fc.constantFrom("Reader 0", "usb:1", "usb:2", "Desk");
const group = fc.constantFrom(
  "Home",
  "HOME",
  "Work",
  "SCard$DefaultReaders",
  "scard$defaultreaders",
  "SCard$AllReaders",
  "SCard$SystemReaders",
  "SCard$LocalReaders",
);
const card = fc.constantFrom("A", "a", "B", "C");
const digits = (max: string) =>
  fc.array(fc.constantFrom(..."0123".slice(0, Number(max) + 1)), {
    minLength: 1,
    maxLength: 3,
  }).map((parts) => parts.join(""));
const provider = fc.constantFrom(2, 3, 0x80000001, 77);
const interfaces = fc.subarray(GUIDS);
const bytes = (text: string) => Uint8Array.from(text, Number);

/** ATR already masked. */
const atrAndMask = fc.tuple(digits("3"), digits("3"), fc.boolean()).map(
  ([atr, mask, masked]) => {
    if (!masked || mask.length !== atr.length) return { atr, mask: null };
    const kept = [...atr].map((digit, i) => Number(digit) & Number(mask[i]));
    return { atr: kept.join(""), mask };
  },
);

function step(
  what: string,
  onModel: Step["onModel"],
  onDatabase: Step["onDatabase"],
): Step {
  return { what, onModel, onDatabase };
}

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(reader, device).map(([name, of]) =>
    step(
      `introduce ${name} of ${of}`,
      (model) => model.introduceReader(name, of),
      (database) => database.introduceReader(name, of),
    )
  ),
  fc.tuple(reader, device).map(([name, of]) =>
    step(
      `device ${of} comes as ${name}`,
      (model) => model.introduceDevice(name, of),
      (database) => database.introduceDevice(name, of),
    )
  ),
  reader.map((name) =>
    step(
      `forget ${name}`,
      (model) => model.forgetReader(name),
      (database) => database.forgetReader(name),
    )
  ),
  fc.tuple(reader, group).map(([name, to]) =>
    step(
      `add ${name} to ${to}`,
      (model) => model.addReaderToGroup(name, to),
      (database) => database.addReaderToGroup(name, to),
    )
  ),
  fc.tuple(reader, group).map(([name, from]) =>
    step(
      `remove ${name} from ${from}`,
      (model) => model.removeReaderFromGroup(name, from),
      (database) => database.removeReaderFromGroup(name, from),
    )
  ),
  group.map((name) =>
    step(
      `forget group ${name}`,
      (model) => model.forgetReaderGroup(name),
      (database) => database.forgetReaderGroup(name),
    )
  ),
  fc.array(group, { maxLength: 2 }).map((groups) =>
    step(
      `list readers of [${groups}]`,
      (model) => model.listReaders(groups),
      (database) => database.listReaders(groups),
    )
  ),
  fc.tuple(card, atrAndMask, interfaces).map(([name, { atr, mask }, guids]) =>
    step(
      `introduce card ${name} ${atr} ${mask} [${guids}]`,
      (model) =>
        model.introduceCardType({
          name,
          atr,
          mask,
          interfaces: guids,
          providers: new Map(),
        }),
      (database) =>
        database.introduceCardType({
          name,
          atr: bytes(atr),
          mask: mask === null ? null : bytes(mask),
          interfaces: guids,
        }),
    )
  ),
  card.map((name) =>
    step(
      `forget card ${name}`,
      (model) => model.forgetCardType(name),
      (database) => database.forgetCardType(name),
    )
  ),
  fc.tuple(card, provider, reader).map(([name, id, value]) =>
    step(
      `provider ${id} of ${name} is ${value}`,
      (model) => model.setCardTypeProviderName(name, id, value),
      (database) => database.setCardTypeProviderName(name, id, value),
    )
  ),
  fc.tuple(card, provider).map(([name, id]) =>
    step(
      `provider ${id} of ${name}`,
      (model) => model.getCardTypeProviderName(name, id),
      (database) => database.getCardTypeProviderName(name, id),
    )
  ),
  card.map((name) =>
    step(
      `interfaces of ${name}`,
      (model) => model.listInterfaces(name),
      (database) => database.listInterfaces(name),
    )
  ),
  fc.tuple(fc.option(digits("3")), interfaces).map(([atr, guids]) =>
    step(
      `list cards ${atr} [${guids}]`,
      (model) => model.listCards(atr, guids),
      (database) =>
        database.listCards({
          atr: atr === null ? null : bytes(atr),
          interfaces: guids,
        }),
    )
  ),
);

function outcome(action: () => unknown): unknown {
  try {
    return { answer: action() };
  } catch (error) {
    if (typeof error === "string") return { code: error };
    if (error instanceof ResourceManagerError) return { code: error.name };
    throw error;
  }
}

/** Everything that can be seen. */
function assertEqual(database: CardDatabase, model: Model): void {
  assert.deepEqual(
    database.readers.map((entry) => ({
      ...entry,
      groups: database.readerGroupsOf(entry.name),
    })),
    model.readers.map((entry) => ({
      ...entry,
      groups: model.listReaderGroups()
        .filter((name) => entry.groups.has(name.toLowerCase())),
    })),
  );
  assert.deepEqual(database.listReaderGroups(), model.listReaderGroups());
  assert.deepEqual(database.listCards(), model.listCards(null, []));
}

Deno.test("the database does what the model does", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 40 }), (program) => {
      using database = CardDatabase.open();
      const model = new Model();
      for (const { what, onModel, onDatabase } of program) {
        assert.deepEqual(
          outcome(() => onDatabase(database)),
          outcome(() => onModel(model)),
          what,
        );
        assertEqual(database, model);
      }
    }),
    { seed: 78163, numRuns: 150 },
  );
});

Deno.test("a file opened twice, and over and over, does what the model does", () => {
  const turn = fc.tuple(steps, fc.constantFrom("first", "second", "again"));
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 25 }), (program) => {
      using file = new TemporaryFile();
      using first = CardDatabase.open({ file: file.path });
      using second = CardDatabase.open({ file: file.path });
      const model = new Model();
      for (const [{ what, onModel, onDatabase }, who] of program) {
        using fresh = who === "again"
          ? CardDatabase.open({ file: file.path })
          : null;
        const database = fresh ?? (who === "first" ? first : second);
        assert.deepEqual(
          outcome(() => onDatabase(database)),
          outcome(() => onModel(model)),
          what,
        );
        assertEqual(second, model);
      }
    }),
    { seed: 78163, numRuns: 15 },
  );
});
