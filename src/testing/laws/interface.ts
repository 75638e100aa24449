/**
 * Laws about the requests themselves: what is there, what is refused.
 *
 * @module
 */

import { createTestCard, testCardIns } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import type { Law } from "../law.ts";
import { protocolBit, ulong, withHeader } from "../law_bytes.ts";
import { plain, works } from "./commands.ts";

/** Functions that no reader has, of the last page of the range. */
const UNKNOWN_VENDOR_CODES = [0x00313FF8, 0x00313FFC];
const UNKNOWN_CODES = [
  lib.IOCTL_SMARTCARD_READ,
  lib.IOCTL_SMARTCARD_WRITE,
  0x00310034,
  0x00311FFC,
];

/** Laws about the interface. */
export const interfaceLaws: readonly Law[] = [
  {
    name: "the mandatory callbacks are there",
    demands:
      "POWER, TRANSMIT, SET_PROTOCOL and tracking are not NOT_SUPPORTED.",
    source: "smclib 4.2; IFDTest part B",
    async run(_, context) {
      const command = withHeader(1, plain(testCardIns.INS_NOTHING));
      const requests: [number, Uint8Array?, number?][] = [
        [lib.IOCTL_SMARTCARD_POWER, ulong(lib.SCARD_COLD_RESET), 33],
        [lib.IOCTL_SMARTCARD_TRANSMIT, command, 300],
        [lib.IOCTL_SMARTCARD_SET_PROTOCOL, ulong(lib.SCARD_PROTOCOL_Tx), 4],
        [lib.IOCTL_SMARTCARD_IS_ABSENT],
      ];
      for (const [code, input, capacityBytes] of requests) {
        const { status } = await context.request(code, input, capacityBytes);
        context.expect(
          status !== lib.STATUS_NOT_SUPPORTED,
          `${lib.ioctlName(code)} is NOT_SUPPORTED, expected a callback`,
        );
      }
    },
  },
  {
    name: "what needs a card is NO_MEDIA without one",
    demands: "POWER, TRANSMIT and SET_PROTOCOL say so.",
    source: "smclib 8.0, 7.1",
    async run(_, context) {
      const actions = [
        lib.SCARD_COLD_RESET,
        lib.SCARD_WARM_RESET,
        lib.SCARD_POWER_DOWN,
      ];
      for (const action of actions) {
        context.expectStatus(
          await context.power(action),
          `POWER ${action} without a card`,
          lib.STATUS_NO_MEDIA,
        );
      }
      context.expectStatus(
        await context.setProtocol(lib.SCARD_PROTOCOL_Tx),
        "SET_PROTOCOL without a card",
        lib.STATUS_NO_MEDIA,
      );
      const { protocol } = context;
      context.expectStatus(
        await context.transmit(protocol, plain(testCardIns.INS_NOTHING)),
        "TRANSMIT without a card",
        lib.STATUS_NO_MEDIA,
      );
    },
  },
  {
    name: "an unknown control code is refused",
    demands: "It ends with INVALID_DEVICE_REQUEST or NOT_SUPPORTED.",
    source: "smclib 8.2.9",
    async run(_, context) {
      for (const code of UNKNOWN_CODES) {
        context.expectStatus(
          await context.request(code, ulong(0), 4),
          lib.ioctlName(code),
          lib.STATUS_INVALID_DEVICE_REQUEST,
          lib.STATUS_NOT_SUPPORTED,
        );
      }
    },
  },
  {
    name: "an unknown vendor code is refused",
    demands: "It ends with INVALID_DEVICE_REQUEST or NOT_SUPPORTED.",
    source: "smclib 9.8, 8.2.9",
    async run(_, context) {
      for (const code of UNKNOWN_VENDOR_CODES) {
        context.expectStatus(
          await context.request(code, ulong(0), 4),
          lib.ioctlName(code),
          lib.STATUS_INVALID_DEVICE_REQUEST,
          lib.STATUS_NOT_SUPPORTED,
        );
      }
    },
  },
  {
    name: "malformed requests are INVALID_PARAMETER and harm nothing",
    demands:
      "Input that is too short or unknown is refused before it touches card or session.",
    source: "smclib 8.0, 8.1, 8.2.2, 15.1",
    async run(_, context) {
      const { protocol } = context;
      await context.use(createTestCard(), protocol);
      const malformed: [string, number, Uint8Array, number][] = [
        [
          "POWER of 3 bytes",
          lib.IOCTL_SMARTCARD_POWER,
          new Uint8Array(3),
          33,
        ],
        ["POWER 3", lib.IOCTL_SMARTCARD_POWER, ulong(3), 33],
        [
          "GET_ATTRIBUTE of 5 bytes",
          lib.IOCTL_SMARTCARD_GET_ATTRIBUTE,
          Uint8Array.of(...ulong(lib.SCARD_ATTR_VENDOR_NAME), 0),
          64,
        ],
        [
          "SET_ATTRIBUTE of 2 bytes",
          lib.IOCTL_SMARTCARD_SET_ATTRIBUTE,
          new Uint8Array(2),
          0,
        ],
        [
          "SET_PROTOCOL of 2 bytes",
          lib.IOCTL_SMARTCARD_SET_PROTOCOL,
          new Uint8Array(2),
          4,
        ],
        [
          "TRANSMIT of 7 bytes",
          lib.IOCTL_SMARTCARD_TRANSMIT,
          ulong(protocolBit(protocol)),
          300,
        ],
      ];
      for (const [what, code, input, capacityBytes] of malformed) {
        context.expectStatus(
          await context.request(code, input, capacityBytes),
          what,
          lib.STATUS_INVALID_PARAMETER,
        );
      }
      await works(context, protocol, "after malformed requests");
    },
  },
  {
    name: "the resource manager may say that the reader is in use",
    demands: "SET_ATTRIBUTE takes DEVICE_IN_USE.",
    source: "smclib 15.3",
    async run(_, context) {
      const input = Uint8Array.of(
        ...ulong(lib.SCARD_ATTR_DEVICE_IN_USE),
        ...ulong(1),
      );
      context.expectStatus(
        await context.request(lib.IOCTL_SMARTCARD_SET_ATTRIBUTE, input, 4),
        "SET_ATTRIBUTE of DEVICE_IN_USE",
        lib.STATUS_SUCCESS,
      );
    },
  },
  {
    name: "EJECT takes the card out where the reader can",
    demands:
      "It ends with SUCCESS and the card is out, else NOT_SUPPORTED and the card stays.",
    source: "smclib 9.2, 7.1",
    async run(_, context) {
      const eject = () => context.request(lib.IOCTL_SMARTCARD_EJECT);
      await context.insert(createTestCard());
      if (!context.settings.canEject) {
        context.expectStatus(await eject(), "EJECT", lib.STATUS_NOT_SUPPORTED);
        const state = await context.state();
        return context.expect(
          state > lib.SCARD_ABSENT,
          "the card is gone after EJECT, expected it to stay",
        );
      }
      context.expectStatus(await eject(), "EJECT", lib.STATUS_SUCCESS);
      await context.expectState("after EJECT", lib.SCARD_ABSENT);
      context.expectStatus(
        await eject(),
        "EJECT without a card",
        lib.STATUS_NO_MEDIA,
      );
    },
  },
  {
    name: "SWALLOW draws the card in where the reader can",
    demands: "It ends with SUCCESS and state SWALLOWED, else NOT_SUPPORTED.",
    source: "smclib 9.3, 7.1",
    async run(_, context) {
      await context.insert(createTestCard());
      const outcome = await context.request(lib.IOCTL_SMARTCARD_SWALLOW);
      if (!context.settings.canSwallow) {
        return context.expectStatus(
          outcome,
          "SWALLOW",
          lib.STATUS_NOT_SUPPORTED,
        );
      }
      context.expectStatus(outcome, "SWALLOW", lib.STATUS_SUCCESS);
      await context.expectState("after SWALLOW", lib.SCARD_SWALLOWED);
    },
  },
];
