/** Minimal readers for tests of cards: no recovery, every surprise throws. */
import { fromHex, toHex } from "../../src/bytes.ts";
import type { ContactCard } from "../../src/cards/mod.ts";

/** Appends the LRC. */
export function withLrc(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes, bytes.reduce((a, b) => a ^ b, 0)]);
}

/** A card's output, collected. */
export class Wire {
  readonly #card: ContactCard;
  #heard: number[] = [];

  constructor(card: ContactCard) {
    this.#card = card;
    card.attach((bytes) => this.#heard.push(...bytes));
  }

  reset(kind: "cold" | "warm" = "cold"): string {
    this.#heard = [];
    this.#card.reset(kind);
    return toHex(this.take());
  }

  take(): Uint8Array {
    const bytes = Uint8Array.from(this.#heard);
    this.#heard = [];
    return bytes;
  }

  async send(bytes: Uint8Array): Promise<Uint8Array> {
    await this.#card.receive(bytes);
    return this.take();
  }

  async hex(text: string): Promise<string> {
    return toHex(await this.send(fromHex(text)));
  }
}

/** A T=1 reader without any error handling; IFSC 254, IFSD 32. */
export class PlainT1Reader {
  readonly #wire: Wire;
  readonly #ifsc: number;
  #ns = 0;
  #nr = 0;

  constructor(wire: Wire, ifsc = 254) {
    this.#wire = wire;
    this.#ifsc = ifsc;
  }

  async transmit(command: Uint8Array): Promise<Uint8Array> {
    const response: number[] = [];
    let offset = 0;
    let next = this.#information(command, offset);
    while (true) {
      const block = await this.#wire.send(next);
      const pcb = block[1];
      if ((pcb & 0xc0) === 0x80) {
        offset += this.#ifsc;
        next = this.#information(command, offset);
      } else if (pcb === 0xc3 || pcb === 0xc1) {
        next = withLrc(Uint8Array.of(0, pcb | 0x20, 1, block[3]));
      } else if ((pcb & 0x80) === 0) {
        if ((pcb >> 6 & 1) !== this.#nr) throw new Error("sequence");
        this.#nr ^= 1;
        response.push(...block.subarray(3, -1));
        if ((pcb & 0x20) === 0) return Uint8Array.from(response);
        next = withLrc(Uint8Array.of(0, 0x80 | this.#nr << 4, 0));
      } else throw new Error(`Unexpected block ${toHex(block)}`);
    }
  }

  #information(command: Uint8Array, offset: number): Uint8Array {
    const inf = command.subarray(offset, offset + this.#ifsc);
    const more = offset + inf.length < command.length ? 0x20 : 0;
    const head = [0, this.#ns << 6 | more, inf.length];
    this.#ns ^= 1;
    return withLrc(Uint8Array.from([...head, ...inf]));
  }
}

/** A T=0 reader of TPDUs: gives data and status. */
export async function t0Tpdu(
  wire: Wire,
  header: Uint8Array,
  data: Uint8Array = new Uint8Array(0),
): Promise<Uint8Array> {
  const ins = header[1];
  const received: number[] = [];
  const wanted = data.length > 0 ? 0 : header[4] || 256;
  let sent = 0;
  let queue = [...await wire.send(header)];
  while (true) {
    const byte = queue.shift();
    if (byte === undefined) throw new Error("The card is silent");
    if (byte === 0x60) continue;
    const count = byte === ins ? Infinity : byte === (ins ^ 0xff) ? 1 : 0;
    if (count === 0) {
      return Uint8Array.from([...received, byte, queue.shift() ?? NaN]);
    }
    if (data.length > 0) {
      const part = data.subarray(sent, sent + Math.min(count, data.length));
      if (part.length === 0) throw new Error("ACK with nothing left");
      sent += part.length;
      queue = [...await wire.send(part)];
    } else {
      const part = Math.min(count, wanted - received.length);
      if (part === 0) throw new Error("ACK with nothing left");
      received.push(...queue.splice(0, part));
    }
  }
}

/** Case 1 to 4S over T=0 with GET RESPONSE and 6Cxx. */
export async function t0Transmit(
  wire: Wire,
  cla: number,
  command: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  const header = Uint8Array.from([...command.subarray(0, 4), 0]);
  header[4] = data.length > 0 ? data.length : command[4] ?? 0;
  let answer = await t0Tpdu(wire, header, data);
  const collected: number[] = [];
  while (true) {
    const [sw1, sw2] = answer.subarray(-2);
    collected.push(...answer.subarray(0, -2));
    if (sw1 === 0x6c) {
      header[4] = sw2;
      answer = await t0Tpdu(wire, header);
    } else if (sw1 === 0x61) {
      answer = await t0Tpdu(wire, Uint8Array.of(cla, 0xc0, 0, 0, sw2));
    } else return Uint8Array.from([...collected, sw1, sw2]);
  }
}
