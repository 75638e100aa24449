// Invariant: the driver shares pcscd and its cards with other programs, and never waits on the event loop.

import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  openPcscLibrary,
  type PcscHandle,
  type PcscLibrary,
  type PcscReader,
} from "../../src/drivers/pcsc/mod.ts";
import {
  CM_IOCTL_GET_FEATURE_REQUEST,
  IOCTL_SMARTCARD_IS_ABSENT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  STATUS_DEVICE_BUSY,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_REQUEST,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_IO_TIMEOUT,
} from "../../src/smclib/mod.ts";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import {
  power,
  request,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../drivers/requests.ts";
import {
  frame,
  plainCard,
  ScriptedCard,
} from "../drivers/vpcd/scripted_card.ts";
import { pcscdTest } from "./pcscd.ts";
import { openService } from "./pcsc_driver_service.ts";

/** Offers T=0 and T=1. */
const ATR = fromHex("3B80800101");
const SELECT = fromHex("00A4000C023F00");
const SHARED = 2;
const DIRECT = 3;
const LEAVE = 0;
const RESET = 1;
const SCARD_S_SUCCESS = 0;
const SCARD_E_SHARING_VIOLATION = 0x8010000B;
const SCARD_W_RESET_CARD = 0x80100068;

/** A card that answers 9000, and leaves a command with INS FF unanswered until `release`. */
async function insert(reader: PcscReader, port: number) {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const present = untilPresent(reader);
  const card = await ScriptedCard.insert(
    port,
    plainCard(async (command) => {
      if (command[1] !== 0xFF) return frame("9000");
      held.resolve();
      await released.promise;
      return frame("6F00");
    }, ATR),
  );
  await present;
  return { card, held: held.promise, release: released.resolve };
}

async function start(reader: PcscReader, protocol = SCARD_PROTOCOL_Tx) {
  assert.equal(
    show(await power(reader, SCARD_COLD_RESET)),
    "00000000 3B80800101",
  );
  return show(await setProtocol(reader, protocol));
}

/** Another program, with a context of its own. */
class OtherProgram implements AsyncDisposable {
  readonly library: PcscLibrary = openPcscLibrary();
  context: PcscHandle = 0n;
  card: PcscHandle = 0n;
  /** What connecting ended with. */
  code = SCARD_S_SUCCESS;

  static async connect(
    reader: string,
    shareMode: number,
    protocols: number,
  ): Promise<OtherProgram> {
    const other = new OtherProgram();
    const { code, context } = await other.library.SCardEstablishContext(2);
    assert.equal(code, SCARD_S_SUCCESS);
    other.context = context;
    const connected = await other.library.SCardConnect(
      context,
      reader,
      shareMode,
      protocols,
    );
    other.card = connected.card;
    other.code = connected.code;
    return other;
  }

  async transmit(protocol: number): Promise<number> {
    const reply = new Uint8Array(258);
    const { library, card } = this;
    return (await library.SCardTransmit(card, protocol, SELECT, reply)).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.library.SCardReleaseContext(this.context);
    this.library.close();
  }
}

pcscdTest(
  "PC/SC driver: a timer ticks while the service is waited for",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService();
    const reader = await service.reader(name);
    let longestMs = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longestMs = Math.max(longestMs, now - last);
      last = now;
    }, 5);
    try {
      // SCardGetStatusChange waits for pcscd's next look, up to 400 ms.
      const { card, held, release } = await insert(reader, port);
      await start(reader);
      const exchange = transmit(reader, SCARD_PROTOCOL_T1, fromHex("00FF0000"));
      await held;
      // SCardTransmit waits, and so does SCardGetStatusChange.
      for (let tick = 0; tick < 50; tick++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      release();
      assert.equal(show(await exchange), "00000000 6F00");
      const absent = untilAbsent(reader);
      await card.remove();
      await absent;
    } finally {
      clearInterval(timer);
    }
    // A call that blocked would have done so for pcscd's 400 ms.
    assert.ok(
      longestMs < 200,
      `the event loop stood still for ${longestMs} ms`,
    );
  },
);

pcscdTest(
  "PC/SC driver: a program that resets the card ends our session",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService();
    const reader = await service.reader(name);
    const { card } = await insert(reader, port);
    await start(reader);
    {
      await using other = await OtherProgram.connect(name, SHARED, 3);
      const { code } = await other.library.SCardReconnect(
        other.card,
        SHARED,
        3,
        RESET,
      );
      assert.equal(code, SCARD_S_SUCCESS);
      const cut = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
      assert.equal(cut.status, STATUS_INVALID_DEVICE_STATE);
      assert.equal(await state(reader), SCARD_PRESENT);
      // Ours is theirs, too.
      assert.equal(await start(reader), "00000000 02000000");
      assert.equal(await other.transmit(2), SCARD_W_RESET_CARD);
    }
    assert.equal(
      show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT)),
      "00000000 9000",
    );
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: a card in use is joined, and its user goes on",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService();
    const reader = await service.reader(name);
    const { card } = await insert(reader, port);
    await using other = await OtherProgram.connect(name, SHARED, 1);
    assert.equal(await start(reader), "00000000 01000000");
    assert.equal(
      show(await transmit(reader, SCARD_PROTOCOL_T0, SELECT)),
      "00000000 9000",
    );
    assert.equal(await other.transmit(1), SCARD_S_SUCCESS);
    await reader.close();
    assert.equal(await other.transmit(1), SCARD_S_SUCCESS);
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: exclusive sharing keeps others out, and is refused a card in use",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService({ sharing: "exclusive" });
    const reader = await service.reader(name);
    const { card } = await insert(reader, port);
    {
      await using _other = await OtherProgram.connect(name, SHARED, 3);
      const refused = await power(reader, SCARD_COLD_RESET);
      assert.equal(refused.status, STATUS_DEVICE_BUSY);
    }
    assert.equal(await start(reader), "00000000 02000000");
    await using late = await OtherProgram.connect(name, SHARED, 3);
    assert.equal(late.code, SCARD_E_SHARING_VIOLATION);
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: an exchange of others that takes long ends in our deadline",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService({
      powerTimeoutMs: 300,
      closeTimeoutMs: 300,
    });
    const reader = await service.reader(name);
    const { card, held, release } = await insert(reader, port);
    await using other = await OtherProgram.connect(name, SHARED, 3);
    const { library, card: handle } = other;
    const reply = new Uint8Array(258);
    const theirs = library.SCardTransmit(handle, 2, fromHex("00FF0000"), reply);
    await held;
    // pcscd lets nobody connect meanwhile.
    const late = await power(reader, SCARD_COLD_RESET);
    assert.equal(late.status, STATUS_IO_TIMEOUT);
    release();
    assert.equal((await theirs).code, SCARD_S_SUCCESS);
    assert.equal(await start(reader), "00000000 02000000");
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: closing does not wait for a card that works",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService({ closeTimeoutMs: 100 });
    const reader = await service.reader(name);
    const { card, held, release } = await insert(reader, port);
    await start(reader);
    const exchange = transmit(reader, SCARD_PROTOCOL_T1, fromHex("00FF0000"));
    await held;
    await reader.close();
    assert.equal((await exchange).status, STATUS_DEVICE_REMOVED);
    release();
    const again = await service.reader(name);
    await untilPresent(again);
    assert.equal(await start(again), "00000000 02000000");
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: the end of pcscd ends readers, tracking and changes",
  async (pcscd) => {
    await using service = await openService();
    const { readers: [name, second], ports: [port] } = pcscd;
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { kind, reader } of service.changes()) {
        seen.push(`${kind} ${reader}`);
      }
    })();
    const reader = await service.reader(name);
    await insert(reader, port);
    await start(reader);
    const tracking = request(reader, IOCTL_SMARTCARD_IS_ABSENT);
    await pcscd.stop();
    assert.equal((await tracking).status, STATUS_DEVICE_REMOVED);
    await watching;
    assert.deepEqual(seen, [
      `arrived ${name}`,
      `arrived ${second}`,
      `left ${name}`,
      `left ${second}`,
    ]);
    const late = await transmit(reader, SCARD_PROTOCOL_T1, SELECT);
    assert.equal(late.status, STATUS_DEVICE_REMOVED);
  },
);

pcscdTest(
  "PC/SC driver: vpcd's reader has no features, and its name for attributes",
  async ({ readers: [name] }) => {
    await using service = await openService();
    const reader = await service.reader(name);
    assert.equal(await state(reader), SCARD_ABSENT);
    const features = await request(
      reader,
      CM_IOCTL_GET_FEATURE_REQUEST,
      new Uint8Array(0),
      256,
    );
    assert.equal(features.status, STATUS_INVALID_DEVICE_REQUEST);
  },
);

pcscdTest(
  "PC/SC driver: every function of the library answers",
  async ({ readers, ports: [port] }) => {
    await using service = await openService();
    const reader = await service.reader(readers[0]);
    const { card } = await insert(reader, port);
    await using other = await OtherProgram.connect(readers[0], SHARED, 3);
    const { library, context, card: handle } = other;
    assert.equal(await library.SCardIsValidContext(context), SCARD_S_SUCCESS);
    assert.notEqual(await library.SCardIsValidContext(1n), SCARD_S_SUCCESS);
    const list = await library.SCardListReaders(context);
    assert.deepEqual(list.readers, readers);
    const status = await library.SCardStatus(handle);
    assert.equal(status.reader, readers[0]);
    assert.equal(toHex(status.atr), "3B80800101");
    assert.equal(status.protocol, 2);
    // pcscd's own attribute: the name, with a zero.
    const name = await library.SCardGetAttrib(handle, 0x7FFF0003);
    const text = new TextDecoder().decode(name.value);
    assert.ok(name.code !== SCARD_S_SUCCESS || text.startsWith(readers[0]));
    const set = await library.SCardSetAttrib(
      handle,
      0x7FFF0007,
      new Uint8Array(4),
    );
    assert.notEqual(set, SCARD_S_SUCCESS);
    const changed = await library.SCardReconnect(handle, DIRECT, 0, LEAVE);
    assert.equal(changed.code, SCARD_S_SUCCESS);
    assert.equal(await library.SCardDisconnect(handle, LEAVE), SCARD_S_SUCCESS);
    // With nobody waiting it does nothing.
    assert.equal(await library.SCardCancel(context), SCARD_S_SUCCESS);
    await card.remove();
  },
);

pcscdTest(
  "PC/SC driver: the resource manager works with it",
  async ({ readers: [name], ports: [port] }) => {
    await using service = await openService();
    await using manager = new ResourceManager();
    const device = await service.reader(name);
    const reader = await manager.addReader(device, { name });
    const { card } = await insertUntracked(port);
    const powered = Promise.withResolvers<void>();
    const unsubscribe = manager.subscribe(() => {
      if (reader.state.atr !== null) powered.resolve();
    });
    if (reader.state.atr === null) await powered.promise;
    unsubscribe();
    assert.equal(toHex(reader.state.atr ?? new Uint8Array(0)), "3B80800101");
    const context = manager.establishContext();
    const connection = await context.connect(name, {
      shareMode: "shared",
      protocols: SCARD_PROTOCOL_Tx,
    });
    assert.equal(toHex(await connection.transmit(SELECT)), "9000");
    await connection.disconnect();
    await card.remove();
  },
);

/** The resource manager has the one tracking request of the reader. */
async function insertUntracked(port: number): Promise<{ card: ScriptedCard }> {
  const script = plainCard(() => frame("9000"), ATR);
  return { card: await ScriptedCard.insert(port, script) };
}
