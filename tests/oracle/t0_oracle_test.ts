/**
 * The T=0 oracles against exchanges written down by hand: whole transmissions
 * at character level, each failure, and the mapping of each APDU case (ISO/IEC
 * 7816-3 clauses 10 and 12.2). In the tables `x23` stands for the 23 bytes 00,
 * 01, 02 and so on (FB and above left out), `x4@10` for 4 such bytes from 0A
 * on, and `(60)*5` for 60 five times.
 *
 * @module
 */

import assert from "node:assert/strict";
import { OracleT0Apdu } from "./t0_apdu.ts";
import { OracleT0Tpdu, type T0Step } from "./t0_tpdu.ts";

function hex(data: ArrayLike<number>): string {
  const pairs = Array.from(data, (byte) => byte.toString(16).padStart(2, "0"));
  return pairs.join("").toUpperCase();
}

function bytes(digits: string): Uint8Array {
  return Uint8Array.from(
    digits.match(/../g) ?? [],
    (pair) => parseInt(pair, 16),
  );
}

/** Cells of each line of a table, without spaces, runs of bytes written out. */
function rowsOf(table: string): string[][] {
  const run = (length: string, from: string | undefined): string =>
    hex(
      Array.from({ length: Number(length) }, (_, i) =>
        (Number(from ?? 0) + i) % 251),
    );
  return table.trim().split("\n").map((line) =>
    line.split("|").map((cell, column) =>
      column === 0 ? cell.trim() : cell
        .replaceAll(
          /x(\d+)(?:@(\d+))?/g,
          (_, length, from) => run(length, from),
        )
        .replaceAll(/\((\w+)\)\*(\d+)/g, (_, data, times) =>
          data.repeat(Number(times)))
        .replaceAll(" ", "")
    )
  );
}

/**
 * Plays both oracles, one above the other, against the card's side of a script.
 */
function play(apdu: string, script: string, byteByByte: boolean): string {
  // Reader and card in turn: what one side sends at one go, or in several, is
  // one turn.
  const turns = Array.from(script.matchAll(/>([0-9A-F]*)((?:<[0-9A-F]*)*)/g))
    .map(([, reader, card]) => ({ reader, card: card.replaceAll("<", "") }));

  function carry(
    tpdu: Uint8Array,
    le: number,
  ): Exclude<T0Step, { kind: "transfer" }> {
    const oracle = new OracleT0Tpdu(tpdu, le, 3);
    let step = oracle.start();
    let pieces: string[] = [];
    const wants: { wanted: number; toCome: number }[] = [];
    while (step.kind === "transfer") {
      if (pieces.length > 0) {
        assert.equal(step.send.length, 0);
      } else {
        // Where the script ends the card is silent.
        const turn = turns.shift() ?? { reader: "", card: "" };
        assert.equal(hex(step.send), turn.reader);
        pieces = (byteByByte ? turn.card.match(/../g) : [turn.card]) ?? [];
      }
      wants.push({ wanted: step.wanted, toCome: pieces.join("").length / 2 });
      step = oracle.receive(bytes(pieces.shift() ?? ""));
    }
    assert.deepEqual(pieces, []);
    if (step.kind === "done") {
      for (const { wanted, toCome } of wants) {
        assert.ok(1 <= wanted && wanted <= toCome);
      }
    }
    return step;
  }

  const mapping = new OracleT0Apdu(bytes(apdu), { uicc: false });
  let step = mapping.start();
  while (step.kind === "tpdu") {
    const carried = carry(step.tpdu, step.le);
    if (carried.kind === "failed") {
      assert.deepEqual(turns, []);
      return carried.reason;
    }
    step = mapping.answer(carried.response);
  }
  assert.deepEqual(turns, []);
  return step.kind === "done" ? hex(step.response) : step.reason;
}

const exchanges = rowsOf(`
1 case 1                      | A0A40000         | > A0A4000000 < 9000                                          | 9000
2 ACK for all                 | 00D6000003010203 | > 00D6000003 < D6 > 010203 < 9000                            | 9000
3 complement for each byte    | 00D6000003010203 | > 00D6000003 < 29 > 01 < 29 > 02 < 29 > 03 < 9000            | 9000
4 NULL, complement and ACK    | 00D6000003010203 | > 00D6000003 < 60 < 60 < 29 > 01 < D6 > 0203 < 60 < 9000     | 9000
5 SW after the first byte     | 00D6000003010203 | > 00D6000003 < 29 > 01 < 6A80                                | 6A80
6 P3 00 is 256                | 00B0000000       | > 00B0000000 < B0 x256 < 9000                                | x256 9000
7 complement, P3 00           | 00B0000000       | > 00B0000000 < (4F60)*256 < 9000                             | (60)*256 9000
8 complement, then ACK        | 00B0000004       | > 00B0000004 < 4F 90 < B0 60B04F < 9000                      | 9060B04F 9000
9 6Cxx                        | 00B0000010       | > 00B0000010 < 6C05 > 00B0000005 < B0 x5 9000                | x5 9000
10 6Cxx above Ne              | 00B0000004       | > 00B0000004 < 6C10 > 00B0000010 < B0 x16 9000               | x4 9000
11 case 4, 61xx               | 00A40400023F0000 | > 00A4040002 < A4 > 3F00 < 6117 > 00C0000017 < C0 x23 9000   | x23 9000
12 case 4, 6100               | 00A40400023F0000 | > 00A4040002 < A4 > 3F00 < 6100 > 00C0000000 < C0 x256 9000  | x256 9000
13 illegal procedure byte     | 00B0000004       | > 00B0000004 < 24                                            | procedure-byte
14 ACK after all was sent     | 00D6000001AA     | > 00D6000001 < D6 > AA < D6                                  | overrun
15 complement after all came  | 00B0000002       | > 00B0000002 < B0 x2 4F                                      | overrun
16 INS 60                     | 0060000000       |                                                              | ins
16 INS 9A                     | 009A000000       |                                                              | ins
17 silence after SW1          | 00B0000004       | > 00B0000004 < 6F                                            | timeout
`);

for (const [title, apdu, script, end] of exchanges) {
  Deno.test(`T=0 oracle, exchange ${title}`, () => {
    assert.equal(play(apdu, script, false), end);
    assert.equal(play(apdu, script, true), end);
  });
}

/**
 * A step as text: characters to send and number wanted, the response, or the
 * failure.
 */
function told(step: T0Step): string {
  if (step.kind === "transfer") return `${hex(step.send)}/${step.wanted}`;
  return step.kind === "done" ? hex(step.response) : step.reason;
}

/**
 * TPDU, le, what the card sends piece by piece (nothing is silence), all steps;
 * 2 NULLs allowed.
 */
const tpdus = rowsOf(`
header of 4 bytes        | 00B00000       | 0   |               | tpdu
one data byte missing    | 00D60000030102 | 0   |               | tpdu
one data byte too many   | 00D60000010102 | 0   |               | tpdu
data in both directions  | 00D60000020102 | 2   |               | tpdu
le other than P3         | 00B0000004     | 5   |               | tpdu
le above 256             | 00B0000001     | 257 |               | tpdu
TPDU before CLA          | FF60000001     | 0   |               | tpdu
CLA before INS           | FF60000000     | 0   |               | cla
INS 6F                   | 006F000000     | 0   |               | ins
INS 90                   | 0090000000     | 0   |               | ins
ACK, no data             | 00D6000000     | 0   | <D6           | 00D6000000/2, overrun
complement, no data      | 00D6000000     | 0   | <29           | 00D6000000/2, overrun
silence after header     | 00B0000004     | 4   | <             | 00B0000004/2, timeout
silence within data      | 00B0000004     | 4   | <B001<        | 00B0000004/2, /5, timeout
wanted within data       | 00B0000004     | 4   | <B0<0102<0304<60<90<00 | 00B0000004/2, /6, /4, /2, /2, /1, 010203049000
wanted, complement       | 00B0000002     | 2   | <4F<01<4F<02<6282 | 00B0000002/2, /3, /2, /3, /2, 01026282
wanted, sending          | 00D60000020102 | 0   | <60<29<D6<9000 | 00D6000002/1, /1, 01/1, 02/2, 9000
NULL instead of listening| 00D60000020102 | 0   | <60<2960      | 00D6000002/1, /1, overrun
NULLs in several slots   | 00D60000020102 | 0   | <60<29<60<60  | 00D6000002/1, /1, 01/1, /1, too-many-nulls
SW2 60 is no NULL        | 00B0000004     | 4   | <60609060     | 00B0000004/2, 9060
SW before any data       | 00D60000020102 | 0   | <6160         | 00D6000002/1, 6160
characters after SW2     | 00B0000004     | 4   | <900060       | 00B0000004/2, overrun
INS XOR 01 (VPP)         | 00B0000004     | 4   | <B1           | 00B0000004/2, procedure-byte
INS XOR FE (VPP)         | 00B0000004     | 4   | <4E           | 00B0000004/2, procedure-byte
`);

for (const [title, tpdu, le, pieces, steps] of tpdus) {
  Deno.test(`T=0 oracle, TPDU: ${title}`, () => {
    const oracle = new OracleT0Tpdu(bytes(tpdu), Number(le), 2);
    const all = [oracle.start()];
    for (const piece of pieces.split("<").slice(1)) {
      all.push(oracle.receive(bytes(piece)));
    }
    assert.equal(all.map(told).join(","), steps);
  });
}

/** C-APDU, each TPDU with le and what it is answered, R-APDU or failure. */
const apdus = rowsOf(`
fewer than 4 bytes          | 00A400           |                                      | apdu
body 00 00                  | 00A400000000     |                                      | apdu
one data byte missing       | FF60000003AABB   |                                      | apdu
4E, Le of one byte          | 00A40000000001AA00 |                                    | apdu
4E, Nc 0                    | 00A400000000000000 |                                    | apdu
CLA before INS              | FF600000         |                                      | cla
INS 9F                      | 009F0000         |                                      | ins
1, 61xx                     | 00A40000         | 00A4000000/0=6110                    | 6110
1, 6Cxx                     | 00A40000         | 00A4000000/0=6C10                    | 6C10
1, data                     | 00A40000         | 00A4000000/0=AA9000                  | tpdu-response
1, no SW2                   | 00A40000         | 00A4000000/0=90                      | tpdu-response
2S, 6700                    | 00B0000004       | 00B0000004/4=6700                    | 6700
2S, 256 bytes               | 00B0000000       | 00B0000000/256=x256 9000             | x256 9000
2S, one byte too many       | 00B0000004       | 00B0000004/4=x5 9000                 | tpdu-response
2S, 61xx is final           | 00B0000004       | 00B0000004/4=x2 6110                 | x2 6110
2S, 6Cxx with data is final | 00B0000004       | 00B0000004/4=x1 6C02                 | x1 6C02
2S, 6C00 is 256             | 00B0000004       | 00B0000004/4=6C00, 00B0000000/256=x256 6282 | x4 6282
2S, 6Cxx once               | 00B0000004       | 00B0000004/4=6C03, 00B0000003/3=6C02 | 6C02
3S                          | 00D6000001AA     | 00D6000001AA/0=6281                  | 6281
3S, 61xx                    | 00D6000001AA     | 00D6000001AA/0=6110                  | 6110
3S, 6Cxx                    | 00D6000001AA     | 00D6000001AA/0=6C10                  | 6C10
3S, data                    | 00D6000001AA     | 00D6000001AA/0=AA9000                | tpdu-response
4S, 9000                    | 01A4000001AA05   | 01A4000001AA/0=9000, 01C0000005/5=x3 6283 | x3 6283
4S, 9000, Le 00             | 00A4000001AA00   | 00A4000001AA/0=9000, 00C0000000/256=x256 9000 | x256 9000
4S, 9000, 6Cxx              | 00A4000001AA02   | 00A4000001AA/0=9000, 00C0000002/2=6C04, 00C0000004/4=x4 9000 | x2 9000
4S, 61xx above Ne           | 00A4000001AA02   | 00A4000001AA/0=6110, 00C0000002/2=x2 610E | x2 610E
4S, 61xx again              | 00A4000001AA09   | 00A4000001AA/0=6105, 00C0000005/5=x5 6108, 00C0000004/4=x4@5 9000 | x9 9000
4S, 61xx without data       | 00A4000001AA09   | 00A4000001AA/0=6105, 00C0000005/5=6105 | 6105
4S, 6Cxx then 61xx, no data | 00A4000001AA09   | 00A4000001AA/0=6105, 00C0000005/5=6C02, 00C0000002/2=6105 | 6105
4S, 6Cxx is final           | 00A4000001AA09   | 00A4000001AA/0=6C05                  | 6C05
4S, 6A82                    | 00A4000001AA09   | 00A4000001AA/0=6A82                  | 6A82
4S, 6283                    | 00A4000001AA09   | 00A4000001AA/0=6283                  | 6283
4S, 9F10                    | 00A4000001AA09   | 00A4000001AA/0=9F10                  | 9F10
UICC 4S, 6283               | 00A4000001AA02   | 00A4000001AA/0=6283, 00C0000000/256=6C03, 00C0000003/3=x3 9000 | x2 6283
UICC 4S, 63C1, 61xx         | 00A4000001AA09   | 00A4000001AA/0=63C1, 00C0000000/256=x4 6107, 00C0000005/5=x5@4 9000 | x9 63C1
UICC 4S, 6283, then an error| 00A4000001AA02   | 00A4000001AA/0=6283, 00C0000000/256=6F00 | 6F00
UICC 3S, 6283               | 00D6000001AA     | 00D6000001AA/0=6283                  | 6283
2E, Ne 256                  | 00B00000000100   | 00B0000000/256=6105                  | 6105
2E, Ne 4                    | 00B00000000004   | 00B0000004/4=x4 9000                 | x4 9000
2E, 256 bytes are all       | 00B00000000000   | 00B0000000/256=x256 9000             | x256 9000
2E, 6Cxx                    | 00B00000000000   | 00B0000000/256=6C05, 00B0000005/5=x5 9000 | x5 9000
2E, 61xx up to Ne           | 80B00000000190   | 80B0000000/256=x256 6100, 80C0000090/144=x144 6120 | x256 x144 6120
2E, 61xx three times        | 80B00000000190   | 80B0000000/256=6105, 80C0000005/5=x5 6100, 80C0000000/256=x2@5 6101, 80C0000001/1=x1@7 9000 | x8 9000
2E, 61xx without data       | 80B00000000190   | 80B0000000/256=x256 6105, 80C0000005/5=6105 | x256 6105
3E, Nc 255                  | 00D600000000FF x255 | 00D60000FF x255/0=9000               | 9000
4E, Nc 1, Ne 300            | 00A40000000001AA012C | 00A4000001AA/0=9000, 00C0000000/256=x256 6180, 00C000002C/44=x44 9000 | x256 x44 9000
3E, ENVELOPE                | 00D6000000012C x300 | 00C20000FF00D6000000012C x248/0=9000, 00C2000034 x52@248/0=6110 | 6110
3E, ENVELOPE refused        | 00D6000000012C x300 | 00C20000FF00D6000000012C x248/0=6D00 | 6D00
4E, ENVELOPE                | 84CB000000012C x300 0000 | 84C20000FF84CB000000012C x248/0=9000, 84C2000036 x52@248 0000/0=6102, 84C0000002/2=x2 9000 | x2 9000
4E, ENVELOPE stopped        | 84CB000000012C x300 0000 | 84C20000FF84CB000000012C x248/0=6102 | 6102
4E, last ENVELOPE full      | 00CB00000001F5 x501 0000 | 00C20000FF00CB00000001F5 x248/0=9000, 00C20000FF x253@248 0000/0=6A80 | 6A80
UICC 4E, ENVELOPE stopped   | 00CB000000012C x300 0000 | 00C20000FF00CB000000012C x248/0=6283 | 6283
`);

for (const [title, apdu, tpdus, end] of apdus) {
  Deno.test(`T=0 oracle, APDU: ${title}`, () => {
    const oracle = new OracleT0Apdu(bytes(apdu), {
      uicc: title.startsWith("UICC"),
    });
    let step = oracle.start();
    for (const exchange of tpdus.split(",").filter((text) => text !== "")) {
      const [tpdu, answer] = exchange.split("=");
      assert.ok(step.kind === "tpdu");
      assert.equal(`${hex(step.tpdu)}/${step.le}`, tpdu);
      step = oracle.answer(bytes(answer));
    }
    assert.ok(step.kind !== "tpdu");
    assert.equal(step.kind === "done" ? hex(step.response) : step.reason, end);
  });
}
