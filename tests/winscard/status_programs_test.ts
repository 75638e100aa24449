import assert from "node:assert/strict";
import {
  INFINITE,
  PNP_NOTIFICATION,
  SCARD_STATE_CHANGED,
  SCARD_STATE_PRESENT,
  SCARD_STATE_UNKNOWN,
  type ScardReaderState,
} from "../../src/winscard/mod.ts";
import { isSettled } from "../resource_manager/bench.ts";
import {
  FakeReader,
  settle,
  TEST_ATR,
} from "../resource_manager/fake_reader.ts";
import { desk, ends, NAME } from "./desk.ts";

const CHANGED = SCARD_STATE_CHANGED;
const READER = { reader: NAME };

Deno.test("status change: a program that copies eventState into currentState", async () => {
  await using d = await desk({ card: false });
  const seen: string[] = [];
  const program = async () => {
    let states: readonly ScardReaderState[] = [{ ...READER, userData: 7 }];
    while (true) {
      const { code, readerStates } = await d.ws.SCardGetStatusChange(
        d.hContext,
        INFINITE,
        states,
      );
      if (code !== 0) return code;
      const { eventState, atr, userData } = readerStates[0];
      assert.equal(userData, 7);
      seen.push(`${(eventState >>> 0).toString(16)} ${atr.length}`);
      states = readerStates.map((state) => ({
        ...state,
        currentState: state.eventState,
      }));
    }
  };
  const running = program();
  await settle();
  d.device.insert();
  await settle();
  const hCard = await d.connect();
  await settle();
  await d.ws.SCardDisconnect(hCard, 0);
  await settle();
  d.device.remove();
  await settle();
  assert.equal(await isSettled(running), false);
  ends("SCARD_S_SUCCESS", await d.ws.SCardCancel(d.hContext));
  assert.equal(await running, 0x80100002);
  const { length } = TEST_ATR;
  assert.deepEqual(seen, [
    "12 0",
    `10022 ${length}`,
    `10122 ${length}`,
    `10022 ${length}`,
    "20012 0",
  ]);
});

Deno.test("status change: a monitor of readers and cards, as programs have it", async () => {
  await using d = await desk({ card: false });
  const log: string[] = [];
  const monitor = async () => {
    let states = new Map<string, number>();
    while (true) {
      const { names } = await d.ws.SCardListReaders(d.hContext);
      states = new Map(names.map((name) => [name, states.get(name) ?? 0]));
      const { code, readerStates } = await d.ws.SCardGetStatusChange(
        d.hContext,
        INFINITE,
        [
          ...Array.from(states, ([reader, currentState]) => ({
            reader,
            currentState,
          })),
          { reader: PNP_NOTIFICATION, currentState: names.length << 16 },
        ],
      );
      if (code !== 0) return code;
      for (const { reader, eventState } of readerStates) {
        if (reader === PNP_NOTIFICATION) continue;
        if ((eventState & CHANGED) === 0) continue;
        const card = (eventState & SCARD_STATE_PRESENT) !== 0;
        const known = (eventState & SCARD_STATE_UNKNOWN) === 0;
        log.push(`${reader}: ${known ? card ? "card" : "empty" : "gone"}`);
        states.set(reader, eventState);
      }
    }
  };
  const running = monitor();
  await settle();
  const second = new FakeReader();
  second.unit = 1;
  second.insert();
  const added = await d.manager.addReader(second);
  await settle();
  d.device.insert();
  await settle();
  d.manager.removeReader(added);
  await settle();
  await d.ws.SCardCancel(d.hContext);
  assert.equal(await running, 0x80100002);
  assert.deepEqual(log, [
    "Fake Reader 0: empty",
    "Fake Reader 1: card",
    "Fake Reader 0: card",
    "Fake Reader 1: gone",
  ]);
});
