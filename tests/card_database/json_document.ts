/** A database with a little of everything in it, and its export. */

import { fromHex } from "../../src/bytes.ts";
import {
  CardDatabase,
  type CardDatabaseDocument,
} from "../../src/card_database/mod.ts";

const GUID = "{53B6AA68-3F56-11D0-916B-00AA00C18068}";

export function filled(): CardDatabase {
  const database = CardDatabase.open();
  database.introduceDevice("Reader 0", "Reader 0");
  database.introduceReader("Desk", "Reader 0");
  database.removeReaderFromGroup("Desk", "SCard$DefaultReaders");
  database.addReaderToGroup("Desk", "Home");
  database.introduceCardType({ name: "Z", atr: fromHex("3B00") });
  database.introduceCardType({
    name: "A",
    atr: fromHex("3B00"),
    mask: fromHex("FFF0"),
    primaryProvider: GUID,
    interfaces: [GUID],
    providers: [[2, "csp"], [0x80000001, "module"]],
  });
  return database;
}

export const DOCUMENT: CardDatabaseDocument = {
  format: "deno-smartcard card database",
  version: 1,
  readers: [
    {
      name: "Reader 0",
      device: "Reader 0",
      automatic: true,
      groups: ["SCard$DefaultReaders"],
    },
    { name: "Desk", device: "Reader 0", automatic: false, groups: ["Home"] },
  ],
  cardTypes: [
    {
      name: "Z",
      atr: "3B00",
      mask: null,
      primaryProvider: null,
      interfaces: [],
      providers: [],
    },
    {
      name: "A",
      atr: "3B00",
      mask: "FFF0",
      primaryProvider: GUID,
      interfaces: [GUID],
      providers: [
        { id: 2, name: "csp" },
        { id: 0x80000001, name: "module" },
      ],
    },
  ],
};
