/**
 * A card application behind contacts.
 *
 * @module
 */
import type { MaybePromise } from "../bytes.ts";
import type { CardApplication } from "./application.ts";
import { buildAtr, type CardAtrOptions } from "./atr_builder.ts";
import { type CardAtr, readCardAtr } from "./atr_reader.ts";
import type { CardOutput, ContactCard } from "./contact_card.ts";
import { type PpsAgreement, type PpsBehaviour, PpsResponder } from "./pps.ts";
import { T0Endpoint, type T0EndpointOptions } from "./t0_endpoint.ts";
import { T1Endpoint } from "./t1_endpoint.ts";
import type { T1EndpointOptions } from "./t1_options.ts";

/** How a card appears at its contacts. */
export interface ProtocolCardOptions {
  /** Protocols offered; stands for `protocols` of the ATR options. Not with an ATR given as bytes. */
  readonly protocols?: readonly ("t0" | "t1")[];
  /** The ATR, as options or as bytes in logical values (TS '3B' or '3F'). */
  readonly atr?: CardAtrOptions | Uint8Array;
  /** Another ATR after a warm reset; default: the same. */
  readonly warmAtr?: CardAtrOptions | Uint8Array;
  /** What the card does with PPS; default "accept". */
  readonly pps?: PpsBehaviour;
  /** T=0 behaviour. */
  readonly t0?: T0EndpointOptions;
  /** T=1 behaviour; IFSC and EDC come from the ATR when not given. */
  readonly t1?: T1EndpointOptions;
}

/** The power is on: what follows from the ATR sent. */
interface PoweredState {
  readonly atr: CardAtr;
  readonly pps: PpsResponder;
  readonly t0: T0Endpoint;
  readonly t1: T1Endpoint;
  agreement: PpsAgreement | null;
}

/** Bit reversal and complement of every byte, its own inverse (8.1). */
const INVERSE = Uint8Array.from({ length: 256 }, (_, value) => {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= (value >> bit & 1) << (7 - bit);
  return reversed ^ 0xff;
});

/** The card's characters as a direct-convention UART reads them, and back. */
export function invertCharacters(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => INVERSE[byte]);
}

/** A card that runs an application behind T=0 or T=1, with ATR and PPS. */
export class ProtocolCard implements ContactCard {
  readonly #application: CardApplication;
  readonly #options: ProtocolCardOptions;
  readonly #coldAtr: Uint8Array;
  readonly #warmAtr: Uint8Array;
  #output: CardOutput | null = null;
  #state: PoweredState | null = null;

  /**
   * Puts an application behind contacts.
   *
   * @param application runs the commands
   * @param options see {@linkcode ProtocolCardOptions}
   * @throws {RangeError} when the ATR cannot be built or an option is out of range
   */
  constructor(application: CardApplication, options: ProtocolCardOptions = {}) {
    this.#application = application;
    this.#options = options;
    this.#coldAtr = atrBytes(options.atr, options);
    this.#warmAtr = options.warmAtr === undefined
      ? this.#coldAtr
      : atrBytes(options.warmAtr, options);
    this.#powered(this.#coldAtr); // so that bad options throw here
  }

  /** The ATR of a cold reset in logical values. */
  get atr(): Uint8Array {
    return this.#coldAtr.slice();
  }

  /** The application behind the contacts. */
  get application(): CardApplication {
    return this.#application;
  }

  /** What is in force: by TA2, PPS, or the first command; null before and without power. */
  get agreement(): PpsAgreement | null {
    return this.#state?.agreement ?? null;
  }

  /** Whether the card has power and was reset. */
  get isPowered(): boolean {
    return this.#state !== null;
  }

  /**
   * Registers where characters go; null at removal, which takes the power away
   * too. The bytes given out are valid during the call only, see
   * {@linkcode ContactCard.attach}.
   */
  attach(output: CardOutput | null): void {
    if (output === null) this.powerOff();
    this.#output = output;
  }

  /** Forgets protocol and security state and outputs the ATR. */
  reset(kind: "cold" | "warm"): void {
    const atr = kind === "warm" ? this.#warmAtr : this.#coldAtr;
    this.powerOff();
    this.#state = this.#powered(atr);
    this.#application.reset();
    this.#send(this.#state, atr.slice());
  }

  /** The card goes mute; files stay. */
  powerOff(): void {
    this.#state?.t0.reset();
    this.#state?.t1.reset();
    this.#state = null;
  }

  /** Characters from the reader; nothing is heard without power. */
  receive(bytes: Uint8Array): MaybePromise<void> {
    const state = this.#state;
    if (state === null || bytes.length === 0) return;
    const heard = state.atr.isInverse ? invertCharacters(bytes) : bytes;
    if (state.agreement === null) {
      const isPps = state.pps.isInsideRequest || heard[0] === 0xff;
      if (isPps) return this.#negotiate(state, heard);
      state.agreement = defaults(state.atr.protocols[0]);
    }
    return this.#endpoint(state)?.receive(heard);
  }

  /** The reader has given up what it was sending: the incomplete rest is dropped, T=1 answers it as a broken block. */
  characterTimeout(): MaybePromise<void> {
    this.#state?.pps.drop();
    return this.#state === null
      ? undefined
      : this.#endpoint(this.#state)?.characterTimeout();
  }

  #negotiate(state: PoweredState, bytes: Uint8Array): void {
    const outcome = state.pps.push(bytes);
    if (outcome === null) return;
    state.agreement = outcome.agreement;
    if (outcome.reply !== null) this.#send(state, outcome.reply);
  }

  #endpoint(state: PoweredState): T0Endpoint | T1Endpoint | null {
    const protocol = state.agreement?.protocol;
    if (protocol === 0) return state.t0;
    return protocol === 1 ? state.t1 : null;
  }

  #send(state: PoweredState, bytes: Uint8Array): void {
    if (state !== this.#state) return;
    this.#output?.(state.atr.isInverse ? invertCharacters(bytes) : bytes);
  }

  #powered(atrOfReset: Uint8Array): PoweredState {
    const atr = readCardAtr(atrOfReset);
    const output = (bytes: Uint8Array) => this.#send(state, bytes);
    const { ifscBytes, edc, specificProtocol } = atr;
    const application = this.#application;
    const state: PoweredState = {
      atr,
      pps: new PpsResponder(atr, this.#options.pps),
      t0: new T0Endpoint(application, output, this.#options.t0),
      t1: new T1Endpoint(application, output, {
        ifscBytes,
        edc,
        ...this.#options.t1,
      }),
      agreement: null,
    };
    if (specificProtocol !== null) {
      const { fiIndex, diIndex } = atr;
      state.agreement = { protocol: specificProtocol, fiIndex, diIndex };
    }
    return state;
  }
}

function defaults(protocol: number): PpsAgreement {
  return { protocol, fiIndex: 1, diIndex: 1 };
}

function atrBytes(
  atr: CardAtrOptions | Uint8Array | undefined,
  { protocols }: ProtocolCardOptions,
): Uint8Array {
  if (atr instanceof Uint8Array) return atr.slice();
  const offered = protocols?.map((name) => name === "t0" ? 0 : 1).sort();
  return buildAtr(offered === undefined ? atr : { ...atr, protocols: offered });
}
