/**
 * Prints what happens on each floor, the application on the left, the wire on the
 * right.
 *
 * @module
 */

import { readU32le, toHex } from "../bytes.ts";
import type { LinkEvent } from "../drivers/virtual/mod.ts";
import {
  type CallbackEvent,
  type DeviceEvent,
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  IOCTL_SMARTCARD_POWER,
  IOCTL_SMARTCARD_SET_PROTOCOL,
  IOCTL_SMARTCARD_TRANSMIT,
  ioctlName,
  type Irp,
  SCARD_IO_REQUEST_LENGTH,
  STATUS_PENDING,
  statusName,
} from "../smclib/mod.ts";
import {
  describePps,
  describeStatus,
  describeT0Answer,
  describeT1Block,
} from "./wire_words.ts";

const LONGEST = 24;

/** Hexadecimal with a space between bytes; the middle of long ones is left out. */
export function hex(bytes: Uint8Array): string {
  if (bytes.length <= LONGEST) return toHex(bytes, " ");
  return `${toHex(bytes.subarray(0, LONGEST - 6), " ")} ... ${
    toHex(bytes.subarray(-4), " ")
  }`;
}

/** Collects lines of all floors. */
export class DemoPrinter {
  readonly #print: (line: string) => void;
  /** How the bytes on the wire are to be read; null during ATR and PPS. */
  protocol: "t0" | "t1" | null = null;
  #sent: Uint8Array = new Uint8Array(0);
  #ins = 0;
  #received: number[] = [];
  #expectsAtr = false;

  /** @param print takes one line */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** A heading. */
  title(text: string): void {
    this.#flush();
    this.#print(`\n${text}\n${"-".repeat(text.length)}`);
  }

  /** Something for the reader of the demo. */
  say(text: string): void {
    this.#flush();
    this.#print(text);
  }

  /** What the application does. */
  app(text: string): void {
    this.#flush();
    this.#print(`application  ${text}`);
  }

  /** What it gets. */
  result(text: string): void {
    this.#flush();
    this.#print(`             = ${text}`);
  }

  /** A response APDU. */
  response(bytes: Uint8Array): void {
    const sw = bytes.subarray(-2);
    this.result(`${hex(bytes)}   SW ${toHex(sw)}: ${describeStatus(sw)}`);
  }

  /** Requests to the reader device. */
  readonly device = (event: DeviceEvent): void => {
    const { irp, status } = event;
    const code = irp.ioControlCode;
    this.#flush();
    if (status === null) {
      this.#print(`  ioctl        ${ioctlName(code)} ${input(irp)}`);
    } else if (status === STATUS_PENDING) {
      this.#print("  ioctl        = STATUS_PENDING: waits for the event");
    } else if (
      code === IOCTL_SMARTCARD_IS_PRESENT || code === IOCTL_SMARTCARD_IS_ABSENT
    ) {
      this.#print(`  ioctl        ${ioctlName(code)} = ${statusName(status)}`);
    } else {
      this.#print(
        `  ioctl        = ${
          statusName(status)
        }, ${irp.ioStatus.information} bytes`,
      );
    }
  };

  /** Callbacks of the driver. */
  readonly callback = (event: CallbackEvent): void => {
    this.#flush();
    this.#print(
      `    driver       ${event.name}${
        event.status === null ? "" : ` = ${statusName(event.status)}`
      }`,
    );
  };

  /** Characters on the wire. */
  readonly link = (event: LinkEvent): void => {
    switch (event.kind) {
      case "reset":
        this.#wire("--", `${event.reset} reset`);
        this.#expectsAtr = true;
        this.protocol = null;
        break;
      case "power-off":
        this.#wire("--", "power off");
        break;
      case "sent":
        this.#flush();
        this.#sent = event.bytes;
        this.#wire("->", hex(event.bytes), this.#describeSent());
        break;
      case "received":
        this.#received.push(...event.bytes);
        if (event.bytes.length === 0 && event.wanted > 0) this.#silence();
    }
  };

  #silence(): void {
    if (this.#received.length === 0) this.#wire("<-", "(nothing)");
  }

  /** The card answers in pieces that belong together: they are printed as one. */
  #flush(): void {
    if (this.#received.length === 0) return;
    const bytes = Uint8Array.from(this.#received);
    this.#received = [];
    this.#wire("<-", hex(bytes), this.#describeReceived(bytes));
    this.#expectsAtr = false;
  }

  #describeSent(): string {
    const bytes = this.#sent;
    // CLA and NAD are never FF, so that PPS can be told from them.
    if (bytes[0] === 0xff) return describePps(bytes);
    if (this.protocol === "t1") return describeT1Block(bytes);
    if (bytes.length === 5) {
      this.#ins = bytes[1];
      return "T=0 header: CLA INS P1 P2 P3";
    }
    return `data: ${bytes.length} bytes`;
  }

  #describeReceived(bytes: Uint8Array): string {
    if (this.#expectsAtr) return "Answer to Reset";
    if (this.#sent[0] === 0xff) return describePps(bytes);
    return this.protocol === "t1"
      ? describeT1Block(bytes)
      : describeT0Answer(bytes, this.#ins);
  }

  #wire(arrow: string, text: string, words = ""): void {
    const line = `      wire ${arrow} ${text}`;
    this.#print(words === "" ? line : `${line.padEnd(62)}  ${words}`);
  }
}

/** The input of a request, in short. */
function input(irp: Irp): string {
  switch (irp.ioControlCode) {
    case IOCTL_SMARTCARD_TRANSMIT:
      return hex(irp.systemBuffer.subarray(
        SCARD_IO_REQUEST_LENGTH,
        irp.inputLength,
      ));
    case IOCTL_SMARTCARD_POWER:
      return ["POWER_DOWN", "COLD_RESET", "WARM_RESET"][
        irp.systemBuffer[0]
      ] ?? "";
    case IOCTL_SMARTCARD_SET_PROTOCOL:
      return `mask 0x${readU32le(irp.systemBuffer, 0).toString(16)}`;
    default:
      return irp.inputLength >= 4
        ? `0x${readU32le(irp.systemBuffer, 0).toString(16).padStart(8, "0")}`
        : "";
  }
}
