/**
 * What a law does with its reader.
 *
 * @module
 */

import { readU32le } from "../bytes.ts";
import * as lib from "../smclib/mod.ts";
import type { LawProtocol, LawSettings } from "./law.ts";
import {
  protocolBit,
  shown,
  stateName,
  ulong,
  withHeader,
} from "./law_bytes.ts";
import type { LawOutcome } from "./law_judge.ts";
import { type LawRequest, LawRequester } from "./law_requester.ts";
import type { CardToInsert, ReaderUnderTest } from "./reader_under_test.ts";

/** Room for the answer to the longest command of the laws, in bytes. */
const REPLY_BYTES = 8 + 2048;

/** Reader, settings and deadline of one run of a law. */
export class LawContext extends LawRequester {
  readonly #reader: ReaderUnderTest;

  /** The run of `law` with `reader`. */
  constructor(law: string, settings: LawSettings, reader: ReaderUnderTest) {
    super(law, settings, reader);
    this.#reader = reader;
  }

  /** The protocol that laws of no protocol use: the one that is preferred. */
  get protocol(): LawProtocol {
    return this.settings.protocols.includes("t1") ? "t1" : "t0";
  }

  /** IOCTL_SMARTCARD_POWER. */
  power(action: number, capacityBytes = 33): Promise<LawOutcome> {
    return this.request(
      lib.IOCTL_SMARTCARD_POWER,
      ulong(action),
      action === lib.SCARD_POWER_DOWN ? 0 : capacityBytes,
    );
  }

  /** IOCTL_SMARTCARD_SET_PROTOCOL. */
  setProtocol(mask: number, capacityBytes = 4): Promise<LawOutcome> {
    return this.request(
      lib.IOCTL_SMARTCARD_SET_PROTOCOL,
      ulong(mask),
      capacityBytes,
    );
  }

  /** IOCTL_SMARTCARD_GET_ATTRIBUTE. */
  attribute(tag: number, capacityBytes = 64): Promise<LawOutcome> {
    return this.request(
      lib.IOCTL_SMARTCARD_GET_ATTRIBUTE,
      ulong(tag),
      capacityBytes,
    );
  }

  /** A ULONG attribute. @throws {LawBroken} when it cannot be read or is no ULONG */
  async ulongAttribute(tag: number, what: string): Promise<number> {
    const outcome = await this.attribute(tag);
    this.expectStatus(outcome, `reading ${what}`, lib.STATUS_SUCCESS);
    this.expectEqual(outcome.output.length, 4, `the length of ${what}`);
    return readU32le(outcome.output, 0);
  }

  /** IOCTL_SMARTCARD_TRANSMIT, not waited for. */
  startTransmit(
    protocol: LawProtocol,
    command: Uint8Array,
    capacityBytes: number = REPLY_BYTES,
    signal?: AbortSignal,
  ): LawRequest {
    return this.start(
      lib.IOCTL_SMARTCARD_TRANSMIT,
      withHeader(protocolBit(protocol), command),
      capacityBytes,
      signal,
    );
  }

  /** IOCTL_SMARTCARD_TRANSMIT; the output is what follows the header. */
  async transmit(
    protocol: LawProtocol,
    command: Uint8Array,
    capacityBytes: number = REPLY_BYTES,
  ): Promise<LawOutcome> {
    const { ended } = this.startTransmit(protocol, command, capacityBytes);
    const { status, output } = await ended;
    return { status, output: output.slice(8) };
  }

  /** A command that must succeed at the reader: the response APDU. @throws {LawBroken} when it does not */
  async exchange(
    protocol: LawProtocol,
    command: Uint8Array,
    capacityBytes?: number,
  ): Promise<Uint8Array> {
    const outcome = await this.transmit(protocol, command, capacityBytes);
    this.expectStatus(
      outcome,
      `TRANSMIT of ${shown(command)}`,
      lib.STATUS_SUCCESS,
    );
    return outcome.output;
  }

  /** IOCTL_SMARTCARD_GET_STATE. @throws {LawBroken} when it does not succeed */
  async state(): Promise<number> {
    const outcome = await this.request(
      lib.IOCTL_SMARTCARD_GET_STATE,
      undefined,
      4,
    );
    this.expectStatus(outcome, "GET_STATE", lib.STATUS_SUCCESS);
    this.expectEqual(outcome.output.length, 4, "the length of the state");
    return readU32le(outcome.output, 0);
  }

  /** Demands one of `states`. @throws {LawBroken} otherwise */
  async expectState(when: string, ...states: number[]): Promise<void> {
    const state = await this.state();
    this.expect(
      states.includes(state),
      `the state ${when} is ${stateName(state)}, expected ${
        states.map(stateName).join(" or ")
      }`,
    );
  }

  /** Waits for one of `states`, which the driver may come to late. @throws {LawBroken} when it does not in time */
  untilState(...states: number[]): Promise<void> {
    return this.until(
      async () => states.includes(await this.state()),
      `the state has not become ${states.map(stateName).join(" or ")}`,
    );
  }

  /** Puts a card in and waits until the driver knows. */
  async insert(card: CardToInsert): Promise<void> {
    await this.within(this.#reader.insert(card), "insertion");
    await this.#untilPresence(true);
  }

  /** Takes the card out and waits until the driver knows. */
  async remove(): Promise<void> {
    await this.within(this.#reader.remove(), "removal");
    await this.#untilPresence(false);
  }

  /** Looks at the state instead of tracking, so that a law of another matter does not fail with tracking. */
  #untilPresence(isPresent: boolean): Promise<void> {
    return this.until(
      async () => await this.state() > lib.SCARD_ABSENT === isPresent,
      `the driver has not seen the ${isPresent ? "insertion" : "removal"}`,
    );
  }

  /** Resets the card cold. @throws {LawBroken} when it does not succeed */
  async reset(): Promise<Uint8Array> {
    const outcome = await this.power(lib.SCARD_COLD_RESET);
    this.expectStatus(outcome, "a cold reset", lib.STATUS_SUCCESS);
    return outcome.output;
  }

  /** Chooses `protocol`. @throws {LawBroken} when it does not succeed */
  async choose(protocol: LawProtocol): Promise<void> {
    const outcome = await this.setProtocol(protocolBit(protocol));
    this.expectStatus(
      outcome,
      `SET_PROTOCOL with T=${protocol.slice(1)}`,
      lib.STATUS_SUCCESS,
    );
  }

  /** Resets the card and chooses `protocol`. */
  async connect(protocol: LawProtocol): Promise<void> {
    await this.reset();
    await this.choose(protocol);
  }

  /** Inserts `card` and connects to it. */
  async use(card: CardToInsert, protocol: LawProtocol): Promise<void> {
    await this.insert(card);
    await this.connect(protocol);
  }
}
