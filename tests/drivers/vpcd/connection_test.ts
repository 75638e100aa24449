// Invariant: every request settles exactly once, whatever order writes and answers come in.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  VpcdConnection,
  type VpcdLink,
} from "../../../src/drivers/vpcd/mod.ts";
import {
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_NO_MEDIA,
  STATUS_SUCCESS,
} from "../../../src/smclib/mod.ts";
import { frame } from "./scripted_card.ts";

const DEADLINE_MS = 10_000;
const APDU = fromHex("00A4000C");

/** A stream in memory: the test says when reads and writes settle. */
class MemoryLink implements VpcdLink {
  readonly written: string[] = [];
  /** Most bytes that one write takes. */
  appetiteBytes = Infinity;
  /** What the next writes wait for. */
  gate: Promise<void> = Promise.resolve();
  closes = 0;
  #target: Uint8Array = new Uint8Array(0);
  #read: PromiseWithResolvers<number | null> | null = null;

  read(target: Uint8Array): Promise<number | null> {
    this.#target = target;
    this.#read = Promise.withResolvers();
    return this.#read.promise;
  }

  async write(bytes: Uint8Array): Promise<number> {
    const part = bytes.slice(0, this.appetiteBytes);
    await this.gate;
    this.written.push(toHex(part));
    return part.length;
  }

  close(): void {
    this.closes++;
    this.#read?.resolve(null);
  }

  /** The card says something; settles when it was heard. */
  async say(bytes: Uint8Array): Promise<void> {
    this.#target.set(bytes);
    this.#read!.resolve(bytes.length);
    await this.#read!.promise;
  }

  /** The stream breaks. */
  fail(error: Error): void {
    this.#read!.reject(error);
  }
}

function open(): {
  link: MemoryLink;
  card: VpcdConnection;
  ends: () => number;
} {
  const link = new MemoryLink();
  let ends = 0;
  const card = new VpcdConnection(link, () => ends++);
  return { link, card, ends: () => ends };
}

Deno.test("a stream that takes little at a time still gets the whole frame", async () => {
  const { link, card } = open();
  link.appetiteBytes = 3;
  const exchange = card.transmit(APDU, DEADLINE_MS);
  await link.say(frame("9000"));
  assert.equal(await exchange, STATUS_SUCCESS);
  assert.deepEqual(link.written, ["000400", "A4000C"]);
  card.close();
  await card.done;
});

Deno.test("an answer before the command is out waits for it", async () => {
  const { link, card } = open();
  const gate = Promise.withResolvers<void>();
  link.gate = gate.promise;
  const exchange = card.transmit(APDU, DEADLINE_MS);
  await link.say(frame("6D00"));
  assert.equal(
    await card.transmit(APDU, DEADLINE_MS),
    STATUS_DEVICE_BUSY,
  );
  assert.equal(await card.readAtr(DEADLINE_MS), STATUS_DEVICE_BUSY);
  gate.resolve();
  assert.equal(await exchange, STATUS_SUCCESS);
  assert.equal(toHex(card.answer), "6D00");
  assert.deepEqual(link.written, ["000400A4000C"]);
  card.close();
  await card.done;
});

Deno.test("a stream that takes nothing more is a card that went away", async () => {
  const { link, card, ends } = open();
  link.gate = Promise.reject(new Deno.errors.BrokenPipe("gone"));
  assert.equal(await card.transmit(APDU, DEADLINE_MS), STATUS_NO_MEDIA);
  await card.done;
  assert.equal(ends(), 1);
  assert.equal(link.closes, 1);
  assert.equal(await card.transmit(APDU, DEADLINE_MS), STATUS_NO_MEDIA);
});

Deno.test("a stream that breaks is a card that went away", async () => {
  const { link, card, ends } = open();
  const exchange = card.readAtr(DEADLINE_MS);
  link.fail(new Deno.errors.ConnectionReset("torn"));
  assert.equal(await exchange, STATUS_NO_MEDIA);
  await card.done;
  assert.ok(!card.isOpen);
  assert.equal(ends(), 1);
});

Deno.test("an answer to a control code is a protocol error", async () => {
  const { link, card } = open();
  const gate = Promise.withResolvers<void>();
  link.gate = gate.promise;
  const exchange = card.control(1, DEADLINE_MS);
  await link.say(frame("9000"));
  assert.equal(await exchange, STATUS_DEVICE_PROTOCOL_ERROR);
  assert.ok(!card.isPowered);
  gate.resolve();
  await card.done;
});

Deno.test("closing ends a waiting request, once", async () => {
  const { link, card, ends } = open();
  const exchange = card.transmit(APDU, DEADLINE_MS);
  card.close();
  card.close();
  assert.equal(await exchange, STATUS_DEVICE_REMOVED);
  await card.done;
  assert.equal(ends(), 1);
  assert.equal(link.closes, 1);
});
