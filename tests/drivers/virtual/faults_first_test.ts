// Invariant: faults given to a reader that had none strike where they would have if it had had some from the start.
import assert from "node:assert/strict";
import { fromHex } from "../../../src/bytes.ts";
import { createCard } from "../../../src/cards/mod.ts";
import {
  type BytePlace,
  type CardLink,
  type FaultStrike,
  type InsertableCard,
  type LinkFault,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../../src/drivers/virtual/mod.ts";
import {
  SCARD_COLD_RESET,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_WARM_RESET,
} from "../../../src/smclib/mod.ts";
import { power, setProtocol, show, transmit } from "../requests.ts";

const READ = fromHex("00B0810008");
const SELECT = fromHex("00A4040C06F044454E4F01");

/** Everything that can be seen of a session with faults from the third exchange on. */
async function session(
  protocol: number,
  fault: LinkFault,
  options: VirtualReaderOptions,
): Promise<string> {
  const convention = fault.what.kind === "sequence" ? "inverse" : "direct";
  const protocols = [protocol === SCARD_PROTOCOL_T0 ? 0 : 1];
  const strikes: FaultStrike[] = [];
  using reader = new VirtualReader({
    ...options,
    onFault: (strike) => strikes.push(strike),
  });
  const card = createCard(undefined, {
    atr: { convention, protocols },
  });
  reader.insert(card);
  const seen: string[] = [];
  const note = async (outcome: ReturnType<typeof transmit>) =>
    seen.push(show(await outcome));
  await note(power(reader, SCARD_COLD_RESET));
  await note(setProtocol(reader, protocol));
  await note(transmit(reader, protocol, SELECT));
  await note(transmit(reader, protocol, READ));
  reader.inject([fault]);
  for (let i = 0; i < 3; i++) await note(transmit(reader, protocol, READ));
  await note(power(reader, SCARD_WARM_RESET));
  await note(setProtocol(reader, protocol));
  await note(transmit(reader, protocol, READ));
  return JSON.stringify({ seen, strikes });
}

function faultsOf(protocol: number): LinkFault[] {
  const until = { kind: "never" } as const;
  const places: BytePlace[] = [{ phase: "any", byte: 1, since: "reset" }];
  for (const direction of ["to-card", "from-card"] as const) {
    for (let at = 0; at < 12; at++) {
      places.push({ direction, exchange: at });
      places.push({ direction, block: at, byte: 0 });
      places.push({ direction, phase: "any", block: at, byte: 0 });
    }
    for (let byte = 0; byte < 90; byte += 7) {
      places.push({ direction, byte, since: "reset" });
      places.push({ direction, phase: "any", byte, since: "reset" });
    }
  }
  const faults: LinkFault[] = places.map((at) => ({
    what: { kind: "flip", bit: 2, at },
    until,
  }));
  if (protocol === SCARD_PROTOCOL_T0) return faults;
  return [...faults, { what: { kind: "sequence" }, until }];
}

Deno.test("first faults in the middle of a session find their places", async () => {
  const wrapLink = (link: CardLink) => link;
  let struck = 0;
  for (const protocol of [SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1]) {
    for (const fault of faultsOf(protocol)) {
      const late = await session(protocol, fault, {});
      // A link that somebody wraps has been a faulty one all along.
      const early = await session(protocol, fault, { wrapLink });
      assert.equal(late, early, JSON.stringify(fault));
      if (!late.endsWith('"strikes":[]}')) struck++;
    }
  }
  assert.ok(struck > 50, `${struck} faults struck`);
});

Deno.test("first faults while a card takes its time: what it says then is counted once", async () => {
  const places: BytePlace[] = Array.from(
    { length: 40 },
    (_, byte) => ({ byte, since: "reset" }),
  );
  for (const at of places) {
    const outcomes: string[] = [];
    for (const wrapLink of [undefined, (link: CardLink) => link]) {
      const strikes: FaultStrike[] = [];
      using reader = new VirtualReader({
        wrapLink,
        onFault: (strike) => strikes.push(strike),
      });
      reader.insert(slow(createCard(undefined, { atr: { protocols: [1] } })));
      await power(reader, SCARD_COLD_RESET);
      await setProtocol(reader, SCARD_PROTOCOL_T1);
      const first = transmit(reader, SCARD_PROTOCOL_T1, SELECT);
      const what = { kind: "flip", bit: 0, at } as const;
      reader.inject([{ what, until: { kind: "times", times: 1 } }]);
      const seen = [show(await first)];
      seen.push(show(await transmit(reader, SCARD_PROTOCOL_T1, READ)));
      outcomes.push(JSON.stringify({ seen, strikes }));
    }
    assert.equal(outcomes[0], outcomes[1], JSON.stringify(at));
  }
});

Deno.test("an empty list of faults leaves the link as it is, and what is none is refused", () => {
  const reader = new VirtualReader();
  reader.inject([]);
  assert.deepEqual(reader.faults, []);
  const none = [{ what: { kind: "none" } }] as unknown as LinkFault[];
  assert.throws(() => reader.inject(none), /^RangeError: Cannot read/);
  assert.throws(
    () => new VirtualReader({ faults: none }),
    /^RangeError: Cannot read/,
  );
});

/** The card, an event later. */
function slow(card: InsertableCard): InsertableCard {
  return {
    attach: (output) => card.attach(output),
    reset: (kind) => card.reset(kind),
    powerOff: () => card.powerOff(),
    receive: (bytes) => {
      const copy = bytes.slice();
      return Promise.resolve().then(() => card.receive(copy));
    },
  };
}

Deno.test("who hears of faults and throws disturbs no exchange", async () => {
  using reader = new VirtualReader({
    onFault: () => {
      throw new Error("broken listener");
    },
  });
  reader.insert(createCard(undefined, { atr: { protocols: [1] } }));
  await power(reader, SCARD_COLD_RESET);
  await setProtocol(reader, SCARD_PROTOCOL_T1);
  reader.inject([{
    what: { kind: "flip", bit: 1 },
    until: { kind: "times", times: 1 },
  }]);
  const outcome = show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT));
  assert.match(outcome, /9000$/);
  assert.deepEqual(reader.faults, []);
});
