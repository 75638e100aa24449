/**
 * The card that you get without asking for another one.
 *
 * @module
 */

import type { CardData } from "./card_data.ts";

/** AID of the application on the default card: proprietary, "DENO" and 01. */
export const DEFAULT_CARD_AID = "F044454E4F01";

/** The PIN of the default card, number 1, three tries. */
export const DEFAULT_CARD_PIN = "1234";

/**
 * The card that you get without asking for another one: EF.DIR, and one
 * application with a free transparent EF, a transparent EF behind the PIN, a
 * linear fixed EF and a cyclic EF.
 */
export const DEFAULT_CARD: CardData = {
  pins: [{
    number: 1,
    value: { text: DEFAULT_CARD_PIN },
    tries: 3,
    puk: { text: "12345678" },
  }],
  files: [
    {
      type: "linear-variable",
      id: "2F00",
      shortId: 30,
      recordLength: 64,
      maxRecords: 4,
      // Application template: AID and label "Deno".
      records: [`610E 4F06 ${DEFAULT_CARD_AID} 5004 44656E6F`],
      update: "never",
    },
    {
      type: "df",
      id: "5000",
      name: DEFAULT_CARD_AID,
      label: "Deno",
      files: [
        {
          type: "transparent",
          id: "5001",
          shortId: 1,
          size: 256,
          content: { text: "Hello from a virtual smart card." },
        },
        {
          type: "transparent",
          id: "5002",
          shortId: 2,
          size: 512,
          content: { text: "For whoever knows the PIN." },
          read: { pin: 1 },
          update: { pin: 1 },
        },
        {
          type: "linear-fixed",
          id: "5003",
          shortId: 3,
          recordLength: 16,
          maxRecords: 8,
          records: [{ text: "First record" }, { text: "Second record" }],
        },
        {
          type: "cyclic",
          id: "5004",
          shortId: 4,
          recordLength: 8,
          maxRecords: 3,
          records: [{ text: "newest" }, { text: "oldest" }],
        },
      ],
    },
  ],
};
