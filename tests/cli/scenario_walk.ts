/**
 * A scripted exchange read turn by turn: what the reader's block is, what the card's
 * answer means where it comes (ISO/IEC 7816-3 11.6), and what the reader sends next.
 * Blocks are judged by the oracle, not by the core that the scripts are there to test.
 *
 * @module
 */

import { fromHex } from "../../src/bytes.ts";
import { crcVariant, type Scenario } from "../../src/cli/scenarios.ts";
import {
  type OracleBlock,
  type OracleLink,
  readBlock,
} from "../oracle/t1_block.ts";

/** A block of the reader. */
export interface Sent {
  readonly hex: string;
  readonly bytes: Uint8Array;
  readonly is: "I" | "R" | "S?" | "S!";
  /** `I`, `R`, `IFS?`, `ABORT!` and so on. */
  readonly name: string;
  /** N(S) or N(R). */
  readonly number: number;
  /** An I-block that the chain goes on behind. */
  readonly more: boolean;
  /** Bytes of INF. */
  readonly len: number;
  /** First byte of INF. */
  readonly value: number;
}

/**
 * What the card's answer means: nothing came; not valid there; an I-block taken, or
 * one that comes before the reader's chain has ended, or with the other number; an R-block that wants the last I-block again, wants the
 * next, acknowledges nothing, or ends an abortion; a request; the response asked for.
 */
export type Came =
  | "silence"
  | "invalid"
  | "I"
  | "I-early"
  | "I-other"
  | "R-again"
  | "R-next"
  | "R-stray"
  | "R-free"
  | "IFS?"
  | "ABORT?"
  | "WTX?"
  | "response";

/** Answers that do not bring the exchange on, whatever they are. */
export const WRONG: readonly Came[] = [
  "silence",
  "invalid",
  "I-early",
  "I-other",
  "R-stray",
];

/** What both sides agree on. */
export interface Agreed {
  /** N(S) of the reader's next I-block. */
  readonly ns: number;
  /** N(S) of the card's next. */
  readonly nr: number;
  readonly ifsc: number;
  readonly ifsd: number;
}

/** A block of the reader and the card's answer. */
export interface Turn {
  readonly sent: Sent;
  readonly came: Came;
  readonly answer: Uint8Array;
  /** Where in the exchange it is: one or two of the points of scenario_classes.ts; `dchain` with the last block of the chain. */
  readonly points: readonly string[];
  /** The reader's I-block that was not acknowledged before. */
  readonly open: Sent | null;
  /** Whether anything valid had come from the card before. */
  readonly heard: boolean;
  readonly before: Agreed;
  readonly after: Agreed;
  /** The reader's next block in the command; undefined at its end. */
  readonly next: Sent | undefined;
}

const S_NAMES = ["RESYNCH", "IFS", "ABORT", "WTX"];
const DEFAULT_IFSD = 32;

function readSent(hex: string): Sent {
  const bytes = fromHex(hex);
  const [, pcb, len, value] = bytes;
  const is = pcb < 0x80 ? "I" : pcb < 0xc0 ? "R" : pcb < 0xe0 ? "S?" : "S!";
  const isS = pcb >= 0xc0;
  return {
    hex: hex.toUpperCase(),
    bytes,
    is,
    name: isS ? S_NAMES[pcb & 0x1f] + is[1] : is,
    number: is === "I" ? pcb >> 6 : pcb >> 4 & 1,
    more: is === "I" && (pcb & 0x20) !== 0,
    len,
    value,
  };
}

/** Both sides' state, as far as the blocks tell it. */
class Session {
  readonly #scenario: Scenario;
  readonly #link: OracleLink;
  agreed: Agreed;
  heard = false;
  /** The I-block not acknowledged yet. */
  open: Sent | null = null;
  #inCommandChain = false;
  #inCardChain = false;
  #isAborted = false;

  constructor(scenario: Scenario, link: OracleLink) {
    this.#scenario = scenario;
    this.#link = link;
    this.agreed = this.#fresh();
  }

  #fresh(): Agreed {
    return { ns: 0, nr: 0, ifsc: this.#scenario.ifsc, ifsd: DEFAULT_IFSD };
  }

  beginCommand(): void {
    this.#inCommandChain = this.#inCardChain = this.#isAborted = false;
  }

  /** Takes note of the reader's block; returns its points. */
  send(sent: Sent): string[] {
    switch (sent.is) {
      case "I": {
        this.open = sent;
        this.#inCommandChain ||= sent.more;
        this.#inCardChain = false;
        const points = this.heard ? [] : ["start"];
        if (this.#inCommandChain) points.push("dchain");
        return points.length > 0 ? points : ["I"];
      }
      case "R":
        return [this.#inCardChain ? "cchain" : "R"];
      case "S?":
        return [sent.name];
      case "S!":
        if (sent.name !== "ABORT!") return ["Sresp"];
        this.#isAborted = true;
        this.#inCardChain = false;
        return ["abort"];
    }
  }

  /** Takes note of the card's answer to `sent`. */
  receive(sent: Sent, answer: Uint8Array): Came {
    if (answer.length === 0) return "silence";
    const block = readBlock(this.#link, answer);
    const came = this.#meaning(sent, block);
    if (WRONG.includes(came)) return came;
    this.heard = true;
    const { agreed } = this;
    if (block.is === "I") {
      this.#acknowledge();
      this.#inCardChain = block.more;
      this.agreed = { ...this.agreed, nr: agreed.nr ^ 1 };
    } else if (came === "R-next") this.#acknowledge();
    else if (came === "R-free" && block.is === "R") {
      this.open = null;
      this.agreed = { ...agreed, ns: block.number };
    } else if (came === "IFS?") {
      this.agreed = { ...agreed, ifsc: answer[3] };
    } else if (sent.name === "IFS?") {
      this.agreed = { ...agreed, ifsd: answer[3] };
    } else if (sent.name === "RESYNCH?") {
      this.agreed = this.#fresh();
      this.open = null;
      this.#inCommandChain = this.#inCardChain = false;
    }
    return came;
  }

  #acknowledge(): void {
    if (this.open === null) return;
    this.agreed = { ...this.agreed, ns: this.open.number ^ 1 };
    this.open = null;
  }

  #meaning(sent: Sent, block: OracleBlock): Came {
    if (block.is === "invalid") return "invalid";
    if (sent.is === "S?") {
      const isIt = block.is === "S response" && `${block.name}?` === sent.name;
      const isOther = sent.name === "IFS?" && isIt &&
        block.value !== sent.value;
      return isIt && !isOther ? "response" : "invalid";
    }
    switch (block.is) {
      case "S response":
        return "invalid";
      case "S request":
        return block.name === "RESYNCH" ? "invalid" : `${block.name}?`;
      case "R":
        if (this.#isAborted) return "R-free";
        if (this.open?.number === block.number) return "R-again";
        return this.open?.more ? "R-next" : "R-stray";
      case "I": {
        if (!this.#isAborted && this.open?.more) return "I-early";
        return block.number === this.agreed.nr ? "I" : "I-other";
      }
    }
  }
}

/** The turns of `scenario`, command by command; null where the variant of the CRC is found on the way. */
export function walk(scenario: Scenario): Turn[][] | null {
  const check = crcVariant(scenario.edc) ?? "LRC";
  if (check === "auto") return null;
  const { nad = "00", profile = "iso", commands } = scenario;
  const session = new Session(scenario, {
    check,
    nad: fromHex(nad)[0],
    profile,
  });
  return commands.map(({ steps }) => {
    session.beginCommand();
    const all = steps.flatMap((step) =>
      new Array<typeof step>(step.repeat ?? 1).fill(step)
    );
    const blocks = all.map(({ host_hex }) => readSent(host_hex));
    return all.map(({ card_hex }, index) => {
      const { heard, agreed: before } = session;
      const sent = blocks[index];
      const points = session.send(sent);
      const answer = fromHex(card_hex ?? "");
      const { open } = session;
      const came = session.receive(sent, answer);
      const { agreed: after } = session;
      const next: Sent | undefined = blocks[index + 1];
      return { sent, came, answer, points, open, heard, before, after, next };
    });
  });
}
