import { equal, throws } from "node:assert/strict";
import {
  type CardData,
  createCard,
  DEFAULT_CARD,
} from "../../src/cards/mod.ts";

/** Data that is wrong, and what the message must say. */
const WRONG: [unknown, "TypeError" | "RangeError", string][] = [
  [null, "TypeError", "Cannot read card data: null found, expected an object"],
  [{ file: [] }, "RangeError", "at file: unknown property found"],
  [{ files: {} }, "TypeError", "at files: object found, expected an array"],
  [{ files: [7] }, "TypeError", "at files[0]: number found"],
  [{ files: [{}] }, "TypeError", "at files[0].type: nothing found"],
  [{ files: [{ type: "ef" }] }, "RangeError", 'at files[0].type: "ef" found'],
  [ef({ id: "1" }), "RangeError", 'files[0].id: "1" found'],
  [ef({ id: "3F00" }), "RangeError", "a reserved identifier"],
  [ef({ content: "0" }), "RangeError", 'files[0].content: "0" found'],
  [ef({ content: { txt: "" } }), "RangeError", "files[0].content.txt"],
  [ef({ content: { text: 1 } }), "TypeError", "files[0].content.text: number"],
  [ef({ content: [1] }), "TypeError", "files[0].content: an array found"],
  [ef({ content: "0102", size: 1 }), "RangeError", "files[0].size: 1 found"],
  [ef({ size: "1" }), "TypeError", "files[0].size: string found"],
  [ef({ shortId: 31 }), "RangeError", "files[0].shortId: 31 found"],
  [ef({ read: "sometimes" }), "RangeError", 'files[0].read: "sometimes"'],
  [ef({ read: { pin: 3 } }), "RangeError", "files[0].read.pin: 3 found"],
  [ef({ records: [] }), "RangeError", "files[0].records: unknown property"],
  [records({ recordLength: 0 }), "RangeError", "files[0].recordLength: 0"],
  [records({ records: ["010203"] }), "RangeError", "files[0].records[0]: 3"],
  [
    records({ records: ["01", "02"], maxRecords: 1 }),
    "RangeError",
    "files[0].maxRecords: 1 found",
  ],
  [{ files: [df({}), df({})] }, "RangeError", "files[1].id: the id of a sib"],
  [
    { files: [df({ id: "0009" }), df({ files: [df({ x: 1 })] })] },
    "RangeError",
    "files[1].files[0].x: unknown property",
  ],
  [{ files: [df({ name: "" })] }, "RangeError", "files[0].name: 0 bytes"],
  [
    { files: [df({ name: "A1" }), df({ id: "0009", name: "A1" })] },
    "RangeError",
    "the name of DF 0009 found twice",
  ],
  [
    {
      files: [
        { type: "transparent", id: "0001", shortId: 1 },
        { type: "transparent", id: "0002", shortId: 1 },
      ],
    },
    "RangeError",
    "files[1].shortId: that of a sibling",
  ],
  [pin({ number: 0 }), "RangeError", "pins[0].number: 0 found"],
  [pin({ value: "" }), "RangeError", "pins[0].value: 0 bytes found"],
  [pin({ tries: 16 }), "RangeError", "pins[0].tries: 16 found"],
  [pin({ minLength: 5, maxLength: 4 }), "RangeError", "pins[0].maxLength: 4"],
  [
    { files: [], pins: [{ number: 1, value: "01" }, { number: 1, value: "" }] },
    "RangeError",
    "pins[1].number: the number of another PIN",
  ],
];

function ef(properties: object) {
  return { files: [{ type: "transparent", id: "0001", ...properties }] };
}

function records(properties: object) {
  const type = "linear-fixed";
  return { files: [{ type, id: "0001", recordLength: 2, ...properties }] };
}

function df(properties: object) {
  return { type: "df", id: "0005", ...properties };
}

function pin(properties: object) {
  return { files: [], pins: [{ number: 1, value: "01", ...properties }] };
}

for (const [data, name, message] of WRONG) {
  Deno.test(`card data: ${message}`, () => {
    throws(() => createCard(data as CardData), (error: Error) => {
      equal(error.name, name);
      equal(error.message.includes(message), true, error.message);
      return true;
    });
  });
}

Deno.test("card data survives JSON, and the card does not change it", () => {
  const copy = JSON.parse(JSON.stringify(DEFAULT_CARD));
  const card = createCard(copy);
  card.application.process(Uint8Array.of(0, 0xd6, 0x81, 0, 1, 0));
  equal(JSON.stringify(copy), JSON.stringify(DEFAULT_CARD));
});
