/**
 * A driver whose callbacks follow the script of the request that they are called for.
 *
 * @module
 */

import { fromHex, writeU32le } from "../../../src/bytes.ts";
import {
  type MaybePromise,
  RDF_ATR_PARSE,
  RDF_CARD_CONFISCATE,
  RDF_CARD_EJECT,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  SCARD_ABSENT,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_SPECIFIC,
  SCARD_UNKNOWN,
  SmartcardExtension,
  SmartcardInitializeCardCapabilities,
  SmartcardUpdateCardCapabilities,
  SMCLIB_VERSION,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_UNSUCCESSFUL,
} from "../../../src/smclib/mod.ts";
import { VENDOR_NAME } from "./route.ts";
import { type Card, type DriverAct, givesPromise } from "./script.ts";
import type { Outcome, WatchedRequest } from "./watched_request.ts";

/** T=1 with nothing to negotiate. */
const SPECIFIC_ATR = fromHex("3B 80 81 11 FE EE");
/** T=0 and T=1: SET_PROTOCOL has to choose. */
const NEGOTIABLE_ATR = fromHex("3B 80 80 01 01");

/** T=14 alone: RDF_ATR_PARSE is asked. */
const FOREIGN_ATR = fromHex("3B 80 0E 8E");

const ATRS = {
  specific: SPECIFIC_ATR,
  negotiable: NEGOTIABLE_ATR,
  foreign: FOREIGN_ATR,
};

/** What a driver needs of the test. */
export interface DriverHost {
  /** A callback begins; gives its request, or throws. */
  enter(slot: number): WatchedRequest;
  /** RDF_ATR_PARSE ends well. */
  parsed(request: WatchedRequest): void;
  /** The callback ends. */
  leave(request: WatchedRequest, outcome: Outcome): void;
  /** Does one act of a script other than "wait". */
  act(act: DriverAct): void;
  /** An await whose end the test decides. */
  wait(label: string): Promise<void>;
}

/** A reader for one run of commands. */
export class ScriptedReader {
  /** The extension that the driver and the library share. */
  readonly ext: SmartcardExtension = new SmartcardExtension();
  readonly #host: DriverHost;
  #atr = SPECIFIC_ATR;

  /** Makes a reader that is not initialized yet; no card is in. */
  constructor(host: DriverHost) {
    this.#host = host;
    const { readerCapabilities, readerFunction, vendorAttr } = this.ext;
    this.ext.version = SMCLIB_VERSION;
    vendorAttr.vendorName = new TextEncoder().encode(VENDOR_NAME);
    readerCapabilities.supportedProtocols = SCARD_PROTOCOL_T0 |
      SCARD_PROTOCOL_T1 | SCARD_PROTOCOL_RAW;
    readerCapabilities.clkFrequency.default = 4000;
    readerCapabilities.clkFrequency.max = 4000;
    readerCapabilities.dataRate.default = 10753;
    readerCapabilities.dataRate.max = 10753;
    readerCapabilities.maxIfsd = 254;
    readerCapabilities.currentState = SCARD_ABSENT;
    for (
      const slot of [
        RDF_CARD_POWER,
        RDF_TRANSMIT,
        RDF_CARD_EJECT,
        RDF_CARD_TRACKING,
        RDF_SET_PROTOCOL,
        RDF_CARD_CONFISCATE,
        RDF_IOCTL_VENDOR,
      ]
    ) readerFunction[slot] = () => this.#called(slot);
    readerFunction[RDF_ATR_PARSE] = () => this.#parse();
  }

  /** Changes the slot; the caller completes tracking in the same step where that is due. */
  setCard(card: Card): void {
    const { readerCapabilities, cardCapabilities } = this.ext;
    switch (card) {
      case "none":
        readerCapabilities.currentState = SCARD_ABSENT;
        return;
      case "unknown":
        readerCapabilities.currentState = SCARD_UNKNOWN;
        return;
      case "present":
        readerCapabilities.currentState = SCARD_PRESENT;
        return;
      case "specific":
      case "negotiable":
      case "foreign":
        this.#atr = ATRS[card];
        SmartcardInitializeCardCapabilities(this.ext);
        cardCapabilities.setAtr(this.#atr);
        SmartcardUpdateCardCapabilities(this.ext);
    }
  }

  #called(slot: number): MaybePromise<number> {
    const request = this.#host.enter(slot);
    const { script } = request;
    const minor = this.ext.minorIoControlCode;
    if (givesPromise(script)) return this.#later(slot, request, minor);
    for (const act of script.acts) this.#host.act(act);
    return this.#answer(slot, request, minor);
  }

  /** RDF_ATR_PARSE; breaks where the callback that follows would. */
  #parse(): MaybePromise<number> {
    const request = this.#host.enter(RDF_ATR_PARSE);
    const end = () => {
      if (request.script.answer.kind === "failure") {
        this.#host.leave(request, STATUS_IO_TIMEOUT);
        return STATUS_IO_TIMEOUT;
      }
      this.#host.parsed(request);
      return STATUS_SUCCESS;
    };
    if (!request.script.isParseSlow) return end();
    return this.#host.wait(`ATR of ${request.id}`).then(end);
  }

  async #later(
    slot: number,
    request: WatchedRequest,
    minor: number,
  ): Promise<number> {
    for (const act of request.script.acts) {
      if (act.do === "wait") await this.#host.wait(`callback of ${request.id}`);
      else this.#host.act(act);
    }
    return this.#answer(slot, request, minor);
  }

  #answer(slot: number, request: WatchedRequest, minor: number): number {
    const { script: { answer, information } } = request;
    const isMine = this.ext.osData.currentIrp === request;
    if (isMine) this.ext.ioRequest.information = information;
    switch (answer.kind) {
      case "pending":
        this.#host.leave(request, "pending");
        if (isMine) this.#endLater(request);
        return STATUS_PENDING;
      case "failure":
        this.#host.leave(request, STATUS_UNSUCCESSFUL);
        throw new Error("the driver is broken");
      case "nonsense":
        this.#host.leave(request, "anyFailure");
        return answer.value as number;
      case "status": {
        const isDone = answer.status === STATUS_SUCCESS && isMine;
        const status = isDone ? this.#succeed(slot, minor) : answer.status;
        this.#host.leave(request, status >>> 0);
        return status;
      }
    }
  }

  /** What a successful callback leaves behind; the card may have gone meanwhile. */
  #succeed(slot: number, minor: number): number {
    const { readerCapabilities, cardCapabilities, ioRequest } = this.ext;
    const { protocol } = cardCapabilities;
    const isReset = slot === RDF_CARD_POWER && minor !== SCARD_POWER_DOWN;
    const needsCard = slot === RDF_CARD_POWER || slot === RDF_SET_PROTOCOL;
    if (needsCard && readerCapabilities.currentState <= SCARD_ABSENT) {
      return STATUS_NO_MEDIA;
    }
    if (isReset) {
      cardCapabilities.setAtr(this.#atr);
      SmartcardUpdateCardCapabilities(this.ext);
      ioRequest.replyBuffer.set(this.#atr);
      ioRequest.information = this.#atr.length;
    } else if (slot === RDF_CARD_POWER) {
      readerCapabilities.currentState = SCARD_PRESENT;
    } else if (slot === RDF_SET_PROTOCOL) {
      if (readerCapabilities.currentState === SCARD_NEGOTIABLE) {
        const mask = minor & protocol.supported;
        protocol.selected = mask & SCARD_PROTOCOL_T1 ||
          mask & SCARD_PROTOCOL_T0 || SCARD_PROTOCOL_RAW;
        readerCapabilities.currentState = SCARD_SPECIFIC;
      }
      writeU32le(ioRequest.replyBuffer, 0, protocol.selected);
      ioRequest.information = 4;
    } else if (slot === RDF_CARD_EJECT) {
      this.#host.act({ do: "card", card: "none" });
    }
    return STATUS_SUCCESS;
  }

  /** The request that a callback left pending ends when the device is ready. */
  async #endLater(request: WatchedRequest): Promise<void> {
    await this.#host.wait(`end of ${request.id}`);
    if (this.ext.osData.currentIrp !== request) return;
    this.#host.act(request.script.ending);
  }
}
