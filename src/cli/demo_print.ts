/**
 * Prints what happens on each floor, the application on the left, the wire on the
 * right.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_TRANSMIT,
  SCARD_IO_REQUEST_LENGTH,
} from "../smclib/mod.ts";
import {
  describeStatus,
  type TraceDetail,
  type TraceEvent,
  type TraceSink,
} from "../tracing/mod.ts";

const LONGEST = 24;

/** Hexadecimal with a space between bytes; the middle of long ones is left out. */
export function hex(bytes: Uint8Array): string {
  if (bytes.length <= LONGEST) return toHex(bytes, " ");
  return `${toHex(bytes.subarray(0, LONGEST - 6), " ")} ... ${
    toHex(bytes.subarray(-4), " ")
  }`;
}

/** Collects lines of all floors; those below the application come from a tracer. */
export class DemoPrinter implements TraceSink {
  readonly #print: (line: string) => void;

  /** @param print takes one line */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** A heading. */
  title(text: string): void {
    this.#print(`\n${text}\n${"-".repeat(text.length)}`);
  }

  /** Something for the reader of the demo. */
  say(text: string): void {
    this.#print(text);
  }

  /** What the application does. */
  app(text: string): void {
    this.#print(`application  ${text}`);
  }

  /** What it gets. */
  result(text: string): void {
    this.#print(`             = ${text}`);
  }

  /** A response APDU. */
  response(bytes: Uint8Array): void {
    const sw = bytes.subarray(-2);
    this.result(`${hex(bytes)}   SW ${toHex(sw)}: ${describeStatus(sw)}`);
  }

  /** What happened on a floor below. */
  write({ floor, detail }: TraceEvent): void {
    if (floor === "device") this.#device(detail);
    else if (floor === "callback") this.#callback(detail);
    else this.#link(detail);
  }

  /** Requests to the reader device. */
  #device(detail: TraceDetail): void {
    switch (detail.kind) {
      case "request": {
        const { name, code, bytes, words } = detail;
        const input = code === IOCTL_SMARTCARD_TRANSMIT
          ? hex(bytes.subarray(SCARD_IO_REQUEST_LENGTH))
          : words;
        return this.#print(`  ioctl        ${name} ${input}`.trimEnd());
      }
      case "pending":
        return this.#print(
          "  ioctl        = STATUS_PENDING: waits for the event",
        );
      case "completion": {
        const { name, code, statusName, bytes } = detail;
        const isTracking = code === IOCTL_SMARTCARD_IS_PRESENT ||
          code === IOCTL_SMARTCARD_IS_ABSENT;
        this.#print(
          isTracking
            ? `  ioctl        ${name} = ${statusName}`
            : `  ioctl        = ${statusName}, ${bytes.length} bytes`,
        );
      }
    }
  }

  /** Callbacks of the driver. */
  #callback(detail: TraceDetail): void {
    if (detail.kind === "request") {
      this.#print(`    driver       ${detail.name}`);
    }
    if (detail.kind !== "completion") return;
    this.#print(`    driver       ${detail.name} = ${detail.statusName}`);
  }

  /** Characters on the wire. */
  #link(detail: TraceDetail): void {
    switch (detail.kind) {
      case "reset":
        return this.#wire("--", `${detail.reset} reset`);
      case "power-off":
        return this.#wire("--", "power off");
      case "sent":
        return this.#wire("->", hex(detail.bytes), detail.words);
      case "received":
        if (detail.bytes.length === 0) this.#wire("<-", "(nothing)");
        else this.#wire("<-", hex(detail.bytes), detail.words);
    }
  }

  #wire(arrow: string, text: string, words = ""): void {
    const line = `      wire ${arrow} ${text}`;
    this.#print(words === "" ? line : `${line.padEnd(62)}  ${words}`);
  }
}
