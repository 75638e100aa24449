// Invariant: a batch says of each ATR what parseAtr says, and nothing of what is not there.
import assert from "node:assert/strict";
import {
  ATR_COLUMNS,
  ATR_PROBLEM_BITS,
  ATR_ROW_WORDS,
  packAtrs,
  parseAtr,
  parseAtrs,
} from "../../src/core/mod.ts";
import { fromHex } from "../../src/bytes.ts";
import sample from "../data/atr-sample.json" with { type: "json" };
import { eachCore } from "./cores.ts";

const atrs = (sample as { atrs: { atr: string }[] }).atrs.map(({ atr }) =>
  fromHex(atr)
);

eachCore("a batch of more ATRs than one call takes", (core) => {
  const many = Array.from({ length: 5 }, () => atrs).flat();
  const table = parseAtrs(packAtrs(many), undefined, core);
  assert.equal(table.length, many.length * ATR_ROW_WORDS);
  many.forEach((bytes, row) => {
    const atr = parseAtr(bytes, {}, core);
    const word = (column: keyof typeof ATR_COLUMNS) =>
      table[row * ATR_ROW_WORDS + ATR_COLUMNS[column]];
    assert.equal(word("lengthUsed"), atr.lengthUsed);
    assert.equal(word("fi"), atr.fi);
    assert.equal(word("di"), atr.di);
    assert.equal(word("firstOffered"), atr.firstOffered);
    assert.equal(word("tckRequired") === 1, atr.tckRequired);
    assert.equal(
      (word("problems") & ATR_PROBLEM_BITS.bad_TCK) !== 0,
      atr.problems.includes("bad_TCK"),
    );
  });
});

eachCore("a table is filled in place, as far as the ATRs go", (core) => {
  const table = new Int32Array(4 * ATR_ROW_WORDS).fill(77);
  const packed = packAtrs(atrs.slice(0, 3));
  assert.equal(parseAtrs(packed, table, core), table);
  assert.equal(table[ATR_COLUMNS.convention], 0);
  assert.equal(table[3 * ATR_ROW_WORDS], 77);
  assert.equal(parseAtrs(new Uint8Array(0), undefined, core).length, 0);
});

eachCore("an empty ATR in a batch is too short", (core) => {
  const table = parseAtrs(packAtrs([new Uint8Array(0)]), undefined, core);
  assert.equal(table[ATR_COLUMNS.problems], ATR_PROBLEM_BITS.too_short);
});

eachCore("what cannot be a batch is refused", (core) => {
  assert.throws(() => packAtrs([new Uint8Array(128)]), /128 bytes found/);
  assert.throws(
    () => parseAtrs(Uint8Array.of(2, 0x3b), undefined, core),
    /a length of 2 found at offset 0 of 2/,
  );
  assert.throws(
    () => parseAtrs(new Uint8Array(300).fill(200), undefined, core),
    /a length of 200 found/,
  );
  assert.throws(
    () => parseAtrs(packAtrs(atrs), new Int32Array(ATR_ROW_WORDS), core),
    /a table of 25 words found/,
  );
});
