/**
 * Historical bytes in words (ISO/IEC 7816-4 12.1.1).
 *
 * @module
 */

import { toHex } from "../bytes.ts";

/** Some of the historical bytes and what they say. */
export interface HistoricalPart {
  /** The bytes. */
  bytes: Uint8Array;
  /** Their meaning. */
  words: string;
}

const TAGS: Readonly<Record<number, string>> = {
  1: "country code",
  2: "issuer identification number",
  3: "card service data",
  4: "initial access data",
  5: "card issuer's data",
  6: "pre-issuing data",
  7: "card capabilities",
  8: "status",
  15: "application identifier",
};

const SELECTION = [
  "by record identifier",
  "by record number",
  "by short file identifier",
  "implicitly",
  "by file identifier",
  "by path",
  "by partial name",
  "by full name",
];

function channels(third: number): string {
  const count = third & 7;
  return count === 7 ? "8 or more" : String(count + 1);
}

function capabilities(value: Uint8Array): string {
  const words: string[] = [];
  if (value.length > 0) {
    const ways = SELECTION.filter((_, bit) => (value[0] & 1 << bit) !== 0);
    if (ways.length > 0) words.push(`selection ${ways.reverse().join(", ")}`);
  }
  if (value.length > 2) {
    if ((value[2] & 0x80) !== 0) words.push("command chaining");
    if ((value[2] & 0x40) !== 0) words.push("extended length");
    words.push(`logical channels: ${channels(value[2])}`);
  }
  return words.length === 0 ? "" : `: ${words.join("; ")}`;
}

function status(value: Uint8Array): string {
  if (value.length === 1) return `: life cycle ${toHex(value)}`;
  if (value.length === 2) return `: SW ${toHex(value)}`;
  if (value.length === 3) {
    return `: life cycle ${toHex(value.subarray(0, 1))}, SW ${
      toHex(value.subarray(1))
    }`;
  }
  return "";
}

function compactTlv(bytes: Uint8Array): HistoricalPart[] {
  const parts: HistoricalPart[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] >> 4;
    const length = bytes[at] & 15;
    const object = bytes.subarray(at, at + 1 + length);
    const value = object.subarray(1);
    const name = TAGS[tag] ?? `tag ${tag.toString(16).toUpperCase()}`;
    let words = name;
    if (value.length < length) {
      words = `${name}, of which ${length - value.length} bytes are missing`;
    } else if (tag === 7) words += capabilities(value);
    else if (tag === 8) words += status(value);
    parts.push({ bytes: object, words });
    at += 1 + length;
  }
  return parts;
}

function printable(bytes: Uint8Array): string {
  const text = [...bytes].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."
  ).join("");
  return /[^.]{3}/.test(text) ? ` "${text}"` : "";
}

/** Takes historical bytes apart as far as their category indicator allows. */
export function explainHistorical(bytes: Uint8Array): HistoricalPart[] {
  if (bytes.length === 0) return [];
  const category = bytes.subarray(0, 1);
  switch (bytes[0]) {
    case 0x80:
      return [
        { bytes: category, words: "category: compact-TLV objects" },
        ...compactTlv(bytes.subarray(1)),
      ];
    case 0x00: {
      if (bytes.length < 4) {
        return [{
          bytes,
          words: "category: compact-TLV objects and status, which is missing",
        }];
      }
      const end = bytes.length - 3;
      return [
        { bytes: category, words: "category: compact-TLV objects and status" },
        ...compactTlv(bytes.subarray(1, end)),
        {
          bytes: bytes.subarray(end),
          words: `status${status(bytes.subarray(end))}`,
        },
      ];
    }
    case 0x10:
      return [{ bytes, words: "category: DIR data reference" }];
  }
  const kind = (bytes[0] & 0xf0) === 0x80 ? "reserved" : "proprietary";
  return [{ bytes, words: `${kind}${printable(bytes)}` }];
}
