/** Invariant: an import that fails names the member at fault, and nothing has changed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { DOCUMENT_FORMAT } from "../../src/card_database/mod.ts";
import { ResourceManagerError } from "../../src/resource_manager/mod.ts";
import { DOCUMENT, filled } from "./json_document.ts";
import { assertScard } from "./scard_error.ts";

/** A deep copy with `path` set to `value`; undefined takes the member away. */
function changed(path: (string | number)[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(DOCUMENT));
  let at = copy as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) {
    at = at[step] as Record<string | number, unknown>;
  }
  const last = path.at(-1)!;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return copy;
}

Deno.test("every member is checked, and named where it is wrong", () => {
  const rows: [(string | number)[], unknown, RegExp][] = [
    [["format"], "x", /\$\.format is "x", expected "deno-smartcard/],
    [["format"], undefined, /\$\.format is missing/],
    [["version"], 2, /\$\.version is 2, expected 1/],
    [["version"], "1", /\$\.version is "1"/],
    [["extra"], 1, /\$ is a member "extra"/],
    [["readers"], {}, /\$\.readers is a value of type object/],
    [["readers", 0], null, /\$\.readers\[0\] is null, expected an object/],
    [["readers", 0], [], /\$\.readers\[0\] is an array of 0/],
    [["readers", 1, "name"], 5, /\$\.readers\[1\]\.name: .* is 5/],
    [["readers", 1, "name"], "", /\$\.readers\[1\]\.name: .* is empty/],
    [["readers", 1, "name"], "reader 0", /\$\.readers\[1\]: /],
    [["readers", 1, "device"], "a\0", /\$\.readers\[1\]\.device: .* NUL/],
    [["readers", 1, "device"], undefined, /\.device is missing/],
    [["readers", 1, "automatic"], 1, /\.automatic is 1, expected true/],
    [["readers", 1, "groups"], "Home", /\.groups is "Home", expected an array/],
    [["readers", 1, "groups", 0], 1, /\.groups\[0\]: .* is 1/],
    [
      ["readers", 1, "groups", 0],
      "SCard$AllReaders",
      /\$\.readers\[1\]: .*belongs to the system/,
    ],
    [["cardTypes"], null, /\$\.cardTypes is null/],
    [["cardTypes", 0, "name"], "", /\$\.cardTypes\[0\]: .* is empty/],
    [["cardTypes", 0, "name"], "a", /\$\.cardTypes\[1\]: .*there already/],
    [["cardTypes", 0, "atr"], "", /\$\.cardTypes\[0\]: .* 0 bytes/],
    [["cardTypes", 0, "atr"], "3B0", /\$\.cardTypes\[0\]\.atr is "3B0"/],
    [["cardTypes", 0, "atr"], "3B 00", /\$\.cardTypes\[0\]\.atr is "3B 00"/],
    [["cardTypes", 0, "atr"], "3B".repeat(37), /37 bytes, expected 1 to 36/],
    [["cardTypes", 1, "mask"], "FF", /\$\.cardTypes\[1\]: .*mask has 1 bytes/],
    [["cardTypes", 1, "mask"], "F0F0", /outside the mask/],
    [["cardTypes", 1, "primaryProvider"], "x", /a GUID is "x"/],
    [["cardTypes", 1, "primaryProvider"], 1, /\.primaryProvider is 1/],
    [["cardTypes", 1, "interfaces", 0], {}, /\.interfaces\[0\] is a value/],
    [["cardTypes", 1, "interfaces", 0], "{}", /a GUID is "\{\}"/],
    [["cardTypes", 1, "providers", 0, "id"], 1, /number 1 is among/],
    [["cardTypes", 1, "providers", 0, "id"], "2", /\.id is "2"/],
    [["cardTypes", 1, "providers", 0, "id"], 0x80000001, /a number twice/],
    [["cardTypes", 1, "providers", 0, "name"], "", /is empty/],
    [["cardTypes", 1, "providers", 0], [2, "x"], /\[0\] is an array of 2/],
  ];
  using database = filled();
  for (const [path, value, message] of rows) {
    const document = changed(path, value);
    for (const form of [document, JSON.stringify(document)]) {
      assert.throws(() => database.importJson(form), (error) => {
        assert.ok(error instanceof ResourceManagerError, String(error));
        assert.match(error.message, message);
        assert.match(error.message, /^Cannot import the smart card database: /);
        return true;
      });
    }
    assert.deepEqual(database.exportJson(), DOCUMENT);
  }
});

Deno.test("hostile documents are refused like any other", () => {
  using database = filled();
  const documents: unknown[] = [
    "",
    "{",
    "null",
    "[]",
    "[".repeat(100_000),
    "[".repeat(100_000) + "]".repeat(100_000),
    `{"format":"${DOCUMENT_FORMAT}","__proto__":{}}`,
    `{"__proto__":${JSON.stringify(DOCUMENT)}}`,
    JSON.stringify(DOCUMENT).replace('"version":1', '"version":1e400'),
    Object.create(DOCUMENT),
    null,
    undefined,
    7,
    Symbol("document"),
    () => DOCUMENT,
    changed(["readers"], new Array(3)),
    changed(["readers"], { length: 1, 0: DOCUMENT.readers[0] }),
  ];
  for (const document of documents) {
    assertScard("SCARD_E_INVALID_VALUE", () => database.importJson(document));
  }
  assert.deepEqual(database.exportJson(), DOCUMENT);
});

Deno.test("any JSON at all is imported or refused by code, and never half", () => {
  const member = fc.constantFrom(
    ...Object.keys(DOCUMENT),
    ...Object.keys(DOCUMENT.readers[0]),
    ...Object.keys(DOCUMENT.cardTypes[0]),
  );
  const junk = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(member, fc.jsonValue()),
    fc.constant(DOCUMENT),
  );
  const place = fc.constantFrom<(string | number)[]>(
    ["readers"],
    ["readers", 0],
    ["readers", 1, "groups"],
    ["readers", 1, "name"],
    ["cardTypes"],
    ["cardTypes", 1],
    ["cardTypes", 1, "providers"],
    ["cardTypes", 1, "atr"],
    ["version"],
  );
  using database = filled();
  fc.assert(
    fc.property(place, junk, (path, value) => {
      database.importJson(DOCUMENT);
      try {
        database.importJson(JSON.stringify(changed(path, value)));
      } catch (error) {
        assert.ok(error instanceof ResourceManagerError, String(error));
        assert.deepEqual(database.exportJson(), DOCUMENT);
      }
    }),
    { seed: 78163, numRuns: 150 },
  );
});
