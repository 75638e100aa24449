/**
 * A card whose behaviour a test can foretell: what it does with commands, when it asks
 * for time, and which faults it makes.
 *
 * Its commands, CLA 80 (00 is taken, too). All sizes also in extended form.
 *
 * | INS | name       | case | what it does                                                                        |
 * | --- | ---------- | ---- | ----------------------------------------------------------------------------------- |
 * | 10  | ECHO       | 4    | the data come back; asks P1 times for more time first, P2 (0: 1) is WTX's multiplier |
 * | 20  | GIVE       | 2    | Le bytes, counted up from P1                                                        |
 * | 22  | GIVE FIXED | 2    | P1 bytes (0: 256), counted up from P2, whatever Le says: 6Cxx or 61xx over T=0      |
 * | 24  | TAKE       | 3    | takes the data                                                                      |
 * | 26  | DIGEST     | 2    | 4 bytes: how many TAKE got (2 bytes), exclusive OR, sum                             |
 * | 2A  | MUTE       | 1    | no answer, to anything, until the next reset                                        |
 * | 2C  | DAMAGE     | 1    | 9000; the P1 blocks of T=1 after that have a wrong check byte                       |
 * | 2E  | COUNTERS   | 2    | 4 bytes: resets in the card's life, runs of COUNTERS since the last one             |
 * | 30  | NOTHING    | 1    | 9000                                                                                |
 * | 32  | HOLD       | 1    | 9000 once `release()` is called; asks for time before, as ECHO does                 |
 * | A4  | SELECT     | 3    | 9000 for 3F00, 6A82 for any other file                                              |
 *
 * ECHO with CLA 90 keeps its data for the ECHO that follows (command chaining). Other INS
 * are answered 6D00, other CLA 6E00, malformed commands 6700.
 *
 * @module
 */

import type { ApduCard } from "../apdu_card.ts";
import type { EdcKind } from "../edc.ts";
import type { ContactCard } from "../contact_card.ts";
import type { PpsBehaviour } from "../pps.ts";
import { ProtocolCard } from "../protocol_card.ts";
import type { T0ProcedureByte } from "../t0_endpoint.ts";
import type { T1CardRequest } from "../t1_options.ts";
import { TestCardApdus } from "./test_apdus.ts";
import { TestCardApplication } from "./test_application.ts";
import {
  TestCardContacts,
  type TestCardEvent,
  type TestCardMoment,
  type TestCardReset,
} from "./test_contacts.ts";

/** How a test card is. */
export interface TestCardOptions {
  /** Protocols offered; default both, T=0 first. */
  readonly protocols?: readonly ("t0" | "t1")[];
  /** Specific mode (TA2) with this protocol; default: negotiable mode. */
  readonly specific?: "t0" | "t1";
  /** TS; default direct. */
  readonly convention?: "direct" | "inverse";
  /** TA1, Fi and Di as in ISO/IEC 7816-3 8.3; default: not sent, 372 and 1. */
  readonly ta1?: number;
  /** WI of T=0, 1 to 255; default: not sent, 10. */
  readonly wi?: number;
  /** BWI of T=1, 0 to 9; default: not sent, 4. */
  readonly bwi?: number;
  /** CWI of T=1, 0 to 15; default: not sent, 13. */
  readonly cwi?: number;
  /** Bytes of INF that the card takes, 1 to 254; default 254. */
  readonly ifscBytes?: number;
  /** Error detection code of T=1; default LRC. */
  readonly edc?: EdcKind;
  /** Historical bytes, at most 15; default "TEST". */
  readonly historical?: Uint8Array;
  /** What the card does with PPS; default "accept". */
  readonly pps?: PpsBehaviour;
  /** What the card sends at a reset; default its ATR. */
  readonly reset?: TestCardReset;
  /** Procedure bytes of T=0; default INS, all at once. */
  readonly procedure?: readonly T0ProcedureByte[];
  /** S requests of T=1 at chosen turns, a change of IFSC in the middle of a chain for instance. */
  readonly requests?: readonly T1CardRequest[];
}

/** One card with two faces: a reset through either is a reset. */
export interface TestCard {
  /** At its contacts. */
  readonly contacts: ContactCard;
  /** Above its protocol. */
  readonly apdus: ApduCard;
  /** The ATR of its options, in logical values. */
  readonly atr: Uint8Array;
  /** Resets and power cuts in the card's life, in their order. */
  readonly history: readonly TestCardEvent[];
  /** Characters that came to the contacts since the last reset, in logical values; a copy, at most 4096. */
  readonly heard: Uint8Array;
  /** Resets in the card's life. */
  readonly resets: number;
  /** Commands that the card has run in its life. */
  readonly commands: number;
  /** Settles when a HOLD has begun, or an ATR or PPS response is held; another promise after each `release`. */
  readonly whenHeld: Promise<void>;
  /**
   * The next ATR or PPS response is held until `release`; a power cut cannot be held.
   *
   * @param reached called in the very step in which the card comes to it
   */
  holdNext(moment: TestCardMoment, reached?: () => void): void;
  /** Lets end what is held: a HOLD is answered, and what was to be sent is sent in this step. */
  release(): void;
  /** Sends NULL, by which a card of T=0 asks for another WT (ISO/IEC 7816-3 10.3.3). */
  sendNull(): void;
}

const HISTORICAL = Uint8Array.of(0x54, 0x45, 0x53, 0x54);

/**
 * Makes a test card.
 *
 * @throws {RangeError} when the options contradict each other or are out of range
 */
export function createTestCard(options: TestCardOptions = {}): TestCard {
  const { protocols = ["t0", "t1"], specific, ta1, reset = "good" } = options;
  const hasT1 = protocols.includes("t1");
  const application = new TestCardApplication();
  const card = new ProtocolCard(application, {
    protocols,
    pps: options.pps,
    t0: { procedure: options.procedure },
    t1: { requests: options.requests },
    atr: {
      convention: options.convention,
      fiIndex: ta1 === undefined ? undefined : ta1 >> 4,
      diIndex: ta1 === undefined ? undefined : ta1 & 15,
      specific: specific && { protocol: specific === "t0" ? 0 : 1 },
      wi: options.wi,
      bwi: options.bwi,
      cwi: options.cwi,
      ifscBytes: options.ifscBytes ?? (hasT1 ? 254 : undefined),
      edc: options.edc,
      historical: options.historical ?? HISTORICAL,
    },
  });
  const contacts = new TestCardContacts(card, application, reset);
  return {
    contacts,
    apdus: new TestCardApdus(contacts, application, card.atr, reset),
    atr: card.atr,
    history: contacts.history,
    get heard() {
      return contacts.heard;
    },
    get resets() {
      return application.resets;
    },
    get commands() {
      return application.commands;
    },
    get whenHeld() {
      return application.whenHeld;
    },
    holdNext: (moment, reached) => contacts.holdNext(moment, reached),
    release: () => application.release(),
    sendNull: () => contacts.sendNull(),
  };
}
