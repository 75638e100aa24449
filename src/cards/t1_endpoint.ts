/**
 * The card's end of T=1 (ISO/IEC 7816-3 clause 11).
 *
 * Every block received is first classified into a reaction (t1_rules.ts),
 * then the reaction is performed here.
 *
 * @module
 */
import { chain, type MaybePromise } from "../bytes.ts";
import {
  type CardApplication,
  runApplication,
  waitingTimeOf,
} from "./application.ts";
import type { CardOutput } from "./contact_card.ts";
import { createEdc, type Edc } from "./edc.ts";
import { T1Assembler } from "./t1_assembler.ts";
import {
  decodeT1Block,
  type T1Block,
  type T1Invalid,
  type T1Supervision,
} from "./t1_block.ts";
import { T1Chain } from "./t1_chain.ts";
import {
  checkT1Options,
  requestsOfTurn,
  type T1CardRequest,
  type T1EndpointOptions,
  waitRequests,
} from "./t1_options.ts";
import {
  classifyT1Block,
  isResynchRequest,
  type T1Reaction,
} from "./t1_rules.ts";
import { T1Recovery } from "./t1_recovery.ts";
import { T1Transmitter } from "./t1_transmitter.ts";

const DEFAULT_IFSC = 32;

/** What the card does with its right to send, once its S requests are through. */
type Continuation = "acknowledge" | "answer" | "continue";

/** The card's side of T=1 as a state machine fed with characters. */
export class T1Endpoint {
  readonly #application: CardApplication;
  readonly #options: T1EndpointOptions;
  readonly #edc: Edc;
  readonly #assembler: T1Assembler;
  readonly #command = new T1Chain();
  readonly #sender: T1Transmitter;
  readonly #recovery: T1Recovery;
  #session = 0;
  #busy: Promise<void> | null = null;
  #turn = 0;
  #ifsc = DEFAULT_IFSC;
  /** N(S) of the reader's next I-block. */
  #expected = 0;
  #queue: T1CardRequest[] = [];
  #continuation: Continuation = "acknowledge";

  /**
   * Begins after a reset.
   *
   * @param application gets complete C-APDUs
   * @param output takes every block as one piece
   * @param options see {@linkcode T1EndpointOptions}
   * @throws {RangeError} when an option is out of range
   */
  constructor(
    application: CardApplication,
    output: CardOutput,
    options: T1EndpointOptions = {},
  ) {
    checkT1Options(options);
    this.#application = application;
    this.#options = options;
    this.#edc = createEdc(options.edc ?? "LRC", options.crcVariant);
    this.#assembler = new T1Assembler(this.#edc);
    this.#sender = new T1Transmitter(this.#edc, output);
    this.#recovery = new T1Recovery(this.#sender, options.errorAttempts);
    this.#initialise();
  }

  /** Bytes of INF that the card takes now. */
  get ifscBytes(): number {
    return this.#ifsc;
  }

  /** Bytes of INF that the reader takes now, as far as the card knows. */
  get ifsdBytes(): number {
    return this.#sender.ifsd;
  }

  /** Whether the card has given up and waits for S(RESYNCH request) (rule 7.4.3). */
  get isSilent(): boolean {
    return this.#recovery.isSilent;
  }

  /** Back to the state after the ATR; a command still running loses its answer. */
  reset(): void {
    this.#session++;
    this.#busy = null;
    this.#turn = 0;
    this.#sender.nad = 0;
    this.#initialise();
  }

  /** Characters from the reader. While a command runs nothing is heard. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    if (this.#busy !== null) return this.#busy;
    const block = this.#assembler.push(bytes);
    if (block !== null) return this.#digest(decodeT1Block(block, this.#edc));
    if (this.#options.incompleteBlocks === "answer") {
      return this.characterTimeout();
    }
  }

  /** CWT went by: an incomplete block counts as received and broken. Without one nothing happens. */
  characterTimeout(): MaybePromise<void> {
    if (this.#busy !== null || !this.#assembler.isInsideBlock) return;
    this.#assembler.drop();
    return this.#digest({ kind: "invalid", error: 2 });
  }

  #initialise(): void {
    this.#assembler.drop();
    this.#command.clear();
    this.#sender.initialise();
    this.#ifsc = this.#options.ifscBytes ?? DEFAULT_IFSC;
    this.#expected = 0;
    this.#recovery.initialise();
    this.#queue = [];
  }

  #digest(block: T1Block | T1Invalid): MaybePromise<void> {
    const recovery = this.#recovery;
    const expected = this.#expected;
    if (block.kind === "invalid") {
      return recovery.recover(expected, block.error);
    }
    const reaction = classifyT1Block(block, {
      acceptedNad: this.#options.nad,
      ifscBytes: this.#ifsc,
      expected,
      lastI: this.#sender.lastI,
      outstanding: recovery.outstanding,
    });
    if (reaction === "invalid") return recovery.recover(expected, 2);
    if (recovery.isSilent && !isResynchRequest(block)) return;
    if (reaction === "unmatched") return recovery.recoverUnmatched(expected);
    recovery.succeeded();
    this.#sender.nad = block.nad;
    return this.#perform(reaction, block);
  }

  #perform(reaction: T1Reaction, block: T1Block): MaybePromise<void> {
    switch (reaction) {
      case "repeated":
        return this.#sender.sendR(this.#expected, 0);
      case "next":
        return this.#takeTurn("continue");
      case "retransmit":
        return this.#sender.repeatI();
      case "granted":
        return this.#grant();
      case "resume":
        this.#recovery.endRequest();
        return this.#proceed();
    }
    if (block.kind === "I") return this.#accept(block.inf, block.more);
    if (block.kind === "S") return this.#supervise(block.type, block.value);
  }

  #accept(inf: Uint8Array, more: boolean): MaybePromise<void> {
    this.#sender.acknowledged(); // rule 2.1
    this.#expected ^= 1;
    this.#command.add(inf);
    return this.#takeTurn(more ? "acknowledge" : "answer");
  }

  #grant(): MaybePromise<void> {
    const request = this.#recovery.endRequest();
    if (request?.type === "ifs") this.#ifsc = request.value; // rule 4
    if (request?.type === "abort") this.#endChains(); // rule 9
    return this.#proceed();
  }

  #supervise(type: T1Supervision, value: number): void {
    if (type === "resynch") this.#initialise(); // rule 6.3
    if (type === "ifs") this.#sender.ifsd = value; // rule 4
    if (type === "abort") this.#endChains(); // rule 9
    this.#sender.send(this.#sender.makeS(type, true, value));
  }

  #endChains(): void {
    this.#command.clear();
    this.#sender.endChain();
    this.#queue = [];
    this.#continuation = "acknowledge";
  }

  /** The card has the right to send: S requests due now go first, then the block itself. */
  #takeTurn(continuation: Continuation): MaybePromise<void> {
    this.#continuation = continuation;
    this.#enqueue(requestsOfTurn(this.#options, this.#turn++));
    if (continuation === "answer") {
      const own = waitingTimeOf(
        this.#application,
        () => this.#command.bytes(),
      );
      this.#enqueue(waitRequests(this.#options.wtx));
      this.#enqueue(waitRequests(own));
    }
    return this.#proceed();
  }

  #enqueue(requests: readonly T1CardRequest[]): void {
    for (const request of requests) this.#queue.push(request);
  }

  #proceed(): MaybePromise<void> {
    const due = this.#queue.shift();
    if (due !== undefined) {
      return this.#recovery.request(due.request, due.value ?? 0);
    }
    if (this.#continuation === "answer") return this.#answer();
    if (this.#continuation === "continue") return this.#sender.sendI();
    return this.#sender.sendR(this.#expected, 0); // rule 2.2
  }

  #answer(): MaybePromise<void> {
    const session = this.#session;
    const command = this.#command.bytes();
    this.#command.clear();
    const result = runApplication(this.#application, command);
    const outcome = chain(result, (response) => {
      if (session !== this.#session) return;
      this.#busy = null;
      this.#sender.startResponse(response);
    });
    if (outcome instanceof Promise) this.#busy = outcome;
    return outcome;
  }
}
