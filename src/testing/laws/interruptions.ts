/**
 * Laws about cards that go while a request is on its way.
 *
 * @module
 */

import { testCardIns, type TestCardOptions } from "../../cards/mod.ts";
import * as lib from "../../smclib/mod.ts";
import { type Law, needsCharacters } from "../law.ts";
import { ulong } from "../law_bytes.ts";
import type { LawContext } from "../law_context.ts";
import { plain } from "./commands.ts";
import { type CardChange, cutAtEachMoment, type CutRequest } from "./cut.ts";
import { FAST_TA1 } from "./sessions.ts";

const ATR_BYTES = 33;

function startPower(context: LawContext, action: number) {
  return context.start(
    lib.IOCTL_SMARTCARD_POWER,
    ulong(action),
    action === lib.SCARD_POWER_DOWN ? 0 : ATR_BYTES,
  );
}

function startSetProtocol(context: LawContext) {
  return context.start(
    lib.IOCTL_SMARTCARD_SET_PROTOCOL,
    ulong(lib.SCARD_PROTOCOL_Tx),
    4,
  );
}

/** A card to which any reader that can do PPS sends one. */
function cardForPps({ settings }: LawContext): TestCardOptions {
  return settings.protocols.includes("t1") && settings.protocols.length > 1
    ? {}
    : { protocols: settings.protocols, ta1: FAST_TA1 };
}

const RESETS: readonly CutRequest[] = [
  {
    what: "a cold reset",
    prepare: () => Promise.resolve(),
    start: (context) => startPower(context, lib.SCARD_COLD_RESET),
    moment: "atr",
    isHeld: true,
  },
  {
    what: "a warm reset",
    prepare: (context) => context.reset(),
    start: (context) => startPower(context, lib.SCARD_WARM_RESET),
    moment: "atr",
    isHeld: true,
  },
];

const SELECTIONS: readonly CutRequest[] = [
  {
    what: "SET_PROTOCOL",
    card: cardForPps,
    prepare: (context) => context.reset(),
    start: startSetProtocol,
    moment: "pps",
    isHeld: true,
  },
  {
    what: "SET_PROTOCOL with a reset after a failed PPS",
    card: (context) => ({ ...cardForPps(context), pps: "corrupt" }),
    prepare: (context) => context.reset(),
    start: startSetProtocol,
    moment: "atr",
    isHeld: true,
    mayFail: true,
  },
  {
    what: "SET_PROTOCOL with a failed PPS",
    card: (context) => ({ ...cardForPps(context), pps: "corrupt" }),
    prepare: (context) => context.reset(),
    start: startSetProtocol,
    moment: "pps",
    isHeld: true,
    mayFail: true,
  },
];

const COMMAND: CutRequest = {
  what: "TRANSMIT",
  prepare: (context) => context.connect(context.protocol),
  start: (context) =>
    context.startTransmit(context.protocol, plain(testCardIns.INS_HOLD)),
  moment: null,
  isHeld: true,
};

const POWER_DOWN: CutRequest = {
  what: "power down",
  prepare: (context) => context.connect(context.protocol),
  start: (context) => startPower(context, lib.SCARD_POWER_DOWN),
  moment: "off",
  isHeld: false,
  maySucceed: true,
};

const EJECT: CutRequest = {
  what: "EJECT",
  prepare: (context) => context.connect(context.protocol),
  start: (context) => context.start(lib.IOCTL_SMARTCARD_EJECT),
  moment: "off",
  isHeld: false,
  maySucceed: true,
};

/** Runs `cuts` with `change`. */
function cutting(
  cuts: readonly CutRequest[],
  change: CardChange,
): Law["run"] {
  return async (reader, context) => {
    for (const cut of cuts) await cutAtEachMoment(reader, context, cut, change);
  };
}

/** Laws about removals and exchanges during a request. */
export const interruptionLaws: readonly Law[] = [
  {
    name: "a card pulled during a TRANSMIT ends it cleanly",
    demands:
      "Whenever it goes, the request ends with NO_MEDIA, tracking ends, the state is ABSENT, and the next card works.",
    source: "IFDTest part A; smclib 9.1, 14.1, 3.4",
    run: cutting([COMMAND], "removal"),
  },
  {
    name: "a card exchanged during a TRANSMIT does not inherit the session",
    demands:
      "The request ends with NO_MEDIA, and the new card has to be reset before it is used.",
    source: "IFDTest part A; smclib 9.1, 14.1",
    run: cutting([COMMAND], "exchange"),
  },
  {
    name: "a card pulled during a reset ends it cleanly",
    demands:
      "Whether before, with or after its ATR: POWER ends with NO_MEDIA, tracking ends, and the state stays ABSENT.",
    source: "IFDTest part A; smclib 9.0, 14.1, 3.4",
    run: cutting(RESETS, "removal"),
  },
  {
    name: "a card exchanged during a reset has to be reset itself",
    demands:
      "POWER ends with NO_MEDIA, and the new card is not taken for one that has been reset.",
    source: "IFDTest part A; smclib 9.0, 14.1",
    run: cutting(RESETS, "exchange"),
  },
  {
    name: "a card pulled during SET_PROTOCOL ends it cleanly",
    demands:
      "Whether before, with or after its PPS response: the request ends with NO_MEDIA, and the state stays ABSENT.",
    source: "IFDTest part A; smclib 9.5, 14.1, 3.4",
    leftOut: needsCharacters(),
    run: cutting(SELECTIONS, "removal"),
  },
  {
    name: "a card exchanged during SET_PROTOCOL does not inherit the protocol",
    demands:
      "SET_PROTOCOL ends with NO_MEDIA, and the new card has to be reset before it is used.",
    source: "IFDTest part A; smclib 9.5, 14.1",
    leftOut: needsCharacters(),
    run: cutting(SELECTIONS, "exchange"),
  },
  {
    name: "a card pulled during power down is gone",
    demands:
      "The request ends with SUCCESS or NO_MEDIA, tracking ends, and the state stays ABSENT.",
    source: "IFDTest part A; smclib 9.0, 14.1, 3.4",
    run: cutting([POWER_DOWN], "removal"),
  },
  {
    name: "a card pulled during EJECT is gone",
    demands:
      "The request ends with SUCCESS or NO_MEDIA, tracking ends, and the state stays ABSENT.",
    source: "IFDTest part A; smclib 9.2, 14.1, 3.4",
    leftOut: ({ canEject }) => canEject ? null : "the reader cannot eject",
    run: cutting([EJECT], "removal"),
  },
];
