import { equal } from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import { type CardData, FileSystemApplication } from "../../src/cards/mod.ts";

/** SELECT of DF 1000 by name, without an answer. */
export const DF1 = "00A4040006A00000000101";

const CARD: CardData = {
  pins: [
    { number: 1, value: { text: "1234" }, puk: "AABBCCDD", pukTries: 2 },
    { number: 2, value: "0102", tries: 1, minLength: 2 },
  ],
  files: [
    { type: "transparent", id: "0001", shortId: 1, content: "000102030405" },
    { type: "transparent", id: "0002", size: 0 },
    {
      type: "transparent",
      id: "0003",
      shortId: 3,
      size: 4,
      read: { pin: 1 },
      update: "never",
    },
    {
      type: "df",
      id: "1000",
      name: "A00000000101",
      files: [
        {
          type: "linear-fixed",
          id: "1001",
          shortId: 2,
          recordLength: 2,
          maxRecords: 3,
          records: ["1111", "2222"],
        },
        {
          type: "linear-variable",
          id: "1002",
          recordLength: 4,
          maxRecords: 2,
          records: ["AA"],
        },
        {
          type: "cyclic",
          id: "1003",
          recordLength: 1,
          maxRecords: 3,
          records: ["03", "02"],
        },
        { type: "df", id: "1100", files: [] },
      ],
    },
    { type: "df", id: "2000", name: "A00000000102", label: "Two" },
  ],
};

/** Runs commands in turn and compares responses. */
export function run(...steps: [string, string][]): FileSystemApplication {
  const application = new FileSystemApplication(CARD, {
    random: (length) => new Uint8Array(length).fill(0x5a),
  });
  for (const [command, response] of steps) {
    const got = toHex(application.process(fromHex(command)));
    equal(got, response.replaceAll(" ", ""), `answer to ${command}`);
  }
  return application;
}
