/**
 * Traces for Wireshark: a pcapng file of ATRs, PPS and APDUs.
 *
 * @module
 */

import {
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_TRANSMIT,
} from "../smclib/mod.ts";
import { type CommandForm, parseCommand } from "./apdu_reading.ts";
import { describeCommand } from "./apdu_words.ts";
import type { CompletionDetail, TraceEvent } from "./events.ts";
import {
  exportedPdu,
  GSMTAP_SIM_APDU,
  GSMTAP_SIM_ATR,
  GSMTAP_SIM_PPS_REQUEST,
  GSMTAP_SIM_PPS_RESPONSE,
  gsmtapPacket,
  MAX_GSMTAP_BYTES,
} from "./gsmtap.ts";
import {
  enhancedPacket,
  interfaceDescription,
  LINKTYPE_IPV4,
  LINKTYPE_WIRESHARK_UPPER_PDU,
  sectionHeader,
} from "./pcapng.ts";
import { apduOffset } from "./request_words.ts";
import { dissectionOf } from "./sim_dissector.ts";
import type { TraceSink } from "./tracer.ts";

/** How a capture is written. */
export interface PcapngSinkOptions {
  /** Decimal digits of a second in time stamps: 6 (default) or 9. */
  readonly timeDigits?: 6 | 9;
  /**
   * How ATR and PPS are wrapped. "exported-pdu" (default): Wireshark shows an ATR with
   * its ISO 7816 dissector. "gsmtap": as GSMTAP's sub-types 1 to 3, for programs that
   * know them; Wireshark takes them for APDUs.
   */
  readonly atrAndPps?: "exported-pdu" | "gsmtap";
  /** Whether each packet has a comment that says what it is in words; default true. */
  readonly comments?: boolean;
}

const APPLICATION = "deno-smartcard";
/** Requests that were traced without their end are forgotten from here on. */
const MAX_OPEN_REQUESTS = 64;
const LE_BYTES = 1;
const STATUS_BYTES = 2;

/** A command in the form of T=0, which the dissector reads: five bytes of header, and no Le behind data (ISO/IEC 7816-3 12.2). */
function tpduForm(
  command: Uint8Array,
  form: CommandForm | null,
): Uint8Array {
  if (form === null || form.isExtended) return command;
  if (command.length === 4) return Uint8Array.of(...command, 0);
  const hasBoth = form.nc > 0 && form.ne > 0;
  return hasBoth ? command.subarray(0, -LE_BYTES) : command;
}

/** Writes packets and the interfaces that they need. */
class CaptureWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #timeDigits: 6 | 9;
  readonly #comments: boolean;
  readonly #interfaces = new Map<string, number>();

  constructor(
    write: (bytes: Uint8Array) => void,
    options: PcapngSinkOptions,
  ) {
    this.#write = write;
    this.#timeDigits = options.timeDigits ?? 6;
    this.#comments = options.comments ?? true;
    write(sectionHeader(APPLICATION));
  }

  gsmtap(event: TraceEvent, subType: number, bytes: Uint8Array, words: string) {
    const packet = gsmtapPacket(subType, bytes);
    this.#packet(event, LINKTYPE_IPV4, packet, words);
  }

  exported(event: TraceEvent, name: string, bytes: Uint8Array, words: string) {
    const packet = exportedPdu(name, bytes);
    this.#packet(event, LINKTYPE_WIRESHARK_UPPER_PDU, packet, words);
  }

  #packet(
    { reader, timeMicroseconds }: TraceEvent,
    linkType: number,
    packet: Uint8Array,
    words: string,
  ): void {
    const id = this.#interface(reader, linkType);
    const time = ticks(timeMicroseconds ?? 0, this.#timeDigits);
    const comment = this.#comments ? words : "";
    this.#write(enhancedPacket(id, time, packet, comment));
  }

  #interface(reader: string, linkType: number): number {
    const name = linkType === LINKTYPE_IPV4 ? reader : `${reader} (exported)`;
    const known = this.#interfaces.get(name);
    if (known !== undefined) return known;
    const id = this.#interfaces.size;
    this.#interfaces.set(name, id);
    this.#write(interfaceDescription(linkType, name, this.#timeDigits));
    return id;
  }
}

function ticks(timeMicroseconds: number, digits: 6 | 9): bigint {
  const whole = Math.floor(timeMicroseconds);
  if (digits === 6) return BigInt(whole);
  const nanoseconds = Math.floor((timeMicroseconds - whole) * 1000);
  return BigInt(whole) * 1000n + BigInt(nanoseconds);
}

/** Makes packets of events. */
class PcapngSink implements TraceSink {
  readonly #capture: CaptureWriter;
  readonly #isGsmtap: boolean;
  /** Commands under way, by the number of their event. */
  readonly #open = new Map<number, Uint8Array>();

  constructor(
    write: (bytes: Uint8Array) => void,
    options: PcapngSinkOptions,
  ) {
    this.#capture = new CaptureWriter(write, options);
    this.#isGsmtap = options.atrAndPps === "gsmtap";
  }

  write(event: TraceEvent): void {
    const { floor, detail, number, begin } = event;
    if (floor === "link") return this.#link(event);
    if (floor !== "device") return;
    switch (detail.kind) {
      case "request":
        if (detail.code !== IOCTL_SMARTCARD_TRANSMIT) return;
        this.#open.set(number, detail.bytes.slice(apduOffset(detail.bytes)));
        this.#forgetOldest();
        return;
      case "completion":
        return this.#completion(event, detail);
      case "failure":
        if (begin !== null) this.#answer(event, begin, new Uint8Array(0), "");
    }
  }

  #forgetOldest(): void {
    for (const number of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN_REQUESTS) return;
      this.#open.delete(number);
    }
  }

  #completion(event: TraceEvent, detail: CompletionDetail): void {
    const { code, bytes, words, statusName } = detail;
    if (code === IOCTL_SMARTCARD_POWER && bytes.length > 0) {
      this.#other(event, "iso7816.atr", GSMTAP_SIM_ATR, bytes, words);
    }
    if (code !== IOCTL_SMARTCARD_TRANSMIT || event.begin === null) return;
    const response = bytes.subarray(apduOffset(bytes));
    this.#answer(event, event.begin, response, words || statusName);
  }

  #link(event: TraceEvent): void {
    const { detail } = event;
    if (detail.kind !== "sent" && detail.kind !== "received") return;
    if (detail.unit !== "pps" || detail.bytes.length === 0) return;
    const subType = detail.kind === "sent"
      ? GSMTAP_SIM_PPS_REQUEST
      : GSMTAP_SIM_PPS_RESPONSE;
    this.#other(event, "data", subType, detail.bytes, detail.words);
  }

  #other(
    event: TraceEvent,
    dissector: string,
    subType: number,
    bytes: Uint8Array,
    words: string,
  ): void {
    if (this.#isGsmtap) this.#capture.gsmtap(event, subType, bytes, words);
    else this.#capture.exported(event, dissector, bytes, words);
  }

  /** A command and its answer, in one packet where the dissector can read them so. */
  #answer(
    event: TraceEvent,
    begin: number,
    response: Uint8Array,
    outcome: string,
  ): void {
    const command = this.#open.get(begin);
    if (command === undefined) return;
    this.#open.delete(begin);
    const words = describeCommand(command);
    const result = outcome || "failure";
    const form = parseCommand(command);
    const way = dissectionOf(command, form, response.length);
    const tpdu = tpduForm(command, form);
    if (way !== "whole" || response.length < STATUS_BYTES) {
      const dissector = way === "raw" ? "data" : "gsm_sim.command";
      const all = response.length < STATUS_BYTES
        ? `${words} = ${result}`
        : words;
      this.#capture.exported(event, dissector, tpdu, all);
      if (response.length < STATUS_BYTES) return;
      return this.#capture.exported(
        event,
        "gsm_sim.response",
        response,
        result,
      );
    }
    const both = new Uint8Array(tpdu.length + response.length);
    both.set(tpdu);
    both.set(response, tpdu.length);
    const all = `${words} = ${result}`;
    if (both.length > MAX_GSMTAP_BYTES) {
      return this.#capture.exported(event, "gsm_sim", both, all);
    }
    this.#capture.gsmtap(event, GSMTAP_SIM_APDU, both, all);
  }
}

/**
 * A sink that makes a pcapng file: from the device floor each ATR, and each C-APDU
 * with its R-APDU as one GSMTAP packet (in IPv4 and UDP, port 4729); from the link
 * floor PPS. What Wireshark's SIM dissector would call malformed in one packet, a
 * command without an answer, and one too long for IPv4 are exported PDUs, the command
 * and its answer apart. Times need a clock that counts from 1970.
 *
 * @param write takes the header at once, then whole blocks, which are not changed any more
 */
export function pcapngSink(
  write: (bytes: Uint8Array) => void,
  options: PcapngSinkOptions = {},
): TraceSink {
  return new PcapngSink(write, options);
}
