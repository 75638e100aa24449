import assert from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  BabblingCard,
  createCard,
  type FileSystemCardOptions,
  GarbageCard,
  MuteCard,
  SilentCard,
} from "../../../src/cards/mod.ts";
import {
  type CardLink,
  type InsertableCard,
  VirtualReader,
  type VirtualReaderOptions,
} from "../../../src/drivers/virtual/mod.ts";
import {
  IOCTL_SMARTCARD_EJECT,
  IOCTL_SMARTCARD_IS_PRESENT,
  Irp,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_NEGOTIABLE,
  SCARD_POWER_DOWN,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  SCARD_SPECIFIC,
  SCARD_WARM_RESET,
  STATUS_DEVICE_PROTOCOL_ERROR,
  STATUS_DEVICE_REMOVED,
  STATUS_INVALID_DEVICE_STATE,
  STATUS_IO_TIMEOUT,
  STATUS_NO_MEDIA,
  STATUS_NOT_SUPPORTED,
  STATUS_PENDING,
  STATUS_SUCCESS,
  STATUS_UNRECOGNIZED_MEDIA,
  statusName,
} from "../../../src/smclib/mod.ts";
import {
  type TraceEvent,
  traceLink,
  Tracer,
} from "../../../src/tracing/mod.ts";
import {
  power,
  request,
  setProtocol,
  show,
  state,
  transmit,
  untilAbsent,
  untilPresent,
} from "../requests.ts";

const SELECT_MF = fromHex("00A4000C023F00");

function readerWith(
  card: InsertableCard,
  options?: VirtualReaderOptions,
): VirtualReader {
  const reader = new VirtualReader(options);
  reader.insert(card);
  return reader;
}

async function connect(reader: VirtualReader, mask: number): Promise<number> {
  const reset = await power(reader, SCARD_COLD_RESET);
  assert.equal(statusName(reset.status), "STATUS_SUCCESS");
  const chosen = await setProtocol(reader, mask);
  assert.equal(statusName(chosen.status), "STATUS_SUCCESS");
  return chosen.output[0];
}

Deno.test("a card is reset, negotiated, used and powered down", async () => {
  using reader = readerWith(createCard());
  assert.equal(await state(reader), SCARD_PRESENT);
  const atr = await power(reader, SCARD_COLD_RESET);
  assert.equal(atr.output[0], 0x3b);
  assert.equal(await state(reader), SCARD_NEGOTIABLE);
  assert.equal(
    (await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)).status,
    STATUS_INVALID_DEVICE_STATE,
  );
  assert.equal(
    show(await setProtocol(reader, SCARD_PROTOCOL_Tx)),
    "00000000 02000000",
  );
  assert.equal(await state(reader), SCARD_SPECIFIC);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
    "00000000 9000",
  );
  const warm = await power(reader, SCARD_WARM_RESET);
  assert.deepEqual(warm.output, atr.output);
  assert.equal(await connect(reader, SCARD_PROTOCOL_T0), SCARD_PROTOCOL_T0);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T0, SELECT_MF)),
    "00000000 9000",
  );
  assert.equal((await power(reader, SCARD_POWER_DOWN)).status, STATUS_SUCCESS);
  assert.equal(await state(reader), SCARD_PRESENT);
});

Deno.test("an in-process card is served without a trip through the event loop", () => {
  using reader = readerWith(createCard());
  const irp = new Irp({
    ioControlCode: 0x00310004,
    systemBuffer: new Uint8Array(33).fill(1, 0, 1),
    inputLength: 4,
    outputLength: 33,
  });
  assert.equal(reader.deviceControl(irp), STATUS_SUCCESS);
  assert.ok(irp.ioStatus.information > 2);
});

/** Kinds of cards that must all behave alike above the link. */
const CARDS: [string, FileSystemCardOptions, number][] = [
  ["T=0 only", { protocols: ["t0"] }, SCARD_PROTOCOL_T0],
  ["T=1 only", { protocols: ["t1"] }, SCARD_PROTOCOL_T1],
  ["both, T=0 wanted", {}, SCARD_PROTOCOL_T0],
  ["both, T=1 wanted", {}, SCARD_PROTOCOL_T1],
  [
    "inverse convention, T=0",
    { atr: { convention: "inverse", protocols: [0] } },
    SCARD_PROTOCOL_T0,
  ],
  [
    "inverse convention, T=1",
    { atr: { convention: "inverse", protocols: [1] } },
    SCARD_PROTOCOL_T1,
  ],
  [
    "CRC",
    { atr: { protocols: [1], edc: "CRC" } },
    SCARD_PROTOCOL_T1,
  ],
  [
    "IFSC 5",
    { atr: { protocols: [1], ifscBytes: 5 } },
    SCARD_PROTOCOL_T1,
  ],
];

for (const [name, options, protocol] of CARDS) {
  Deno.test(`binary data go to a card and come back: ${name}`, async () => {
    using reader = readerWith(createCard(undefined, options));
    assert.equal(await connect(reader, protocol), protocol);
    const send = async (hex: string) =>
      show(await transmit(reader, protocol, fromHex(hex)));
    assert.equal(await send("00A4040C06F044454E4F01"), "00000000 9000");
    assert.equal(
      await send("00B0810008"),
      "00000000 48656C6C6F2066729000",
    );
    assert.equal(await send("00D681000201FF"), "00000000 9000");
    assert.equal(await send("00B0810003"), "00000000 01FF6C9000");
    assert.equal(await send("00A4000C023F00"), "00000000 9000");
    const challenge = await send("0084000008");
    assert.match(challenge, /^00000000 [0-9A-F]{16}9000$/);
  });
}

/** A link that notes its resets. */
function resetsSeen() {
  const resets: string[] = [];
  const sink = {
    write({ detail }: TraceEvent) {
      if (detail.kind === "reset") resets.push(detail.reset);
    },
  };
  const tracer = new Tracer({ sinks: [sink] });
  const wrapLink = (link: CardLink) => traceLink(link, tracer, "reader");
  return { resets, wrapLink };
}

Deno.test("a warm reset of an unpowered card is a cold one", async () => {
  const { resets, wrapLink } = resetsSeen();
  using reader = readerWith(createCard(), { wrapLink });
  await power(reader, SCARD_WARM_RESET);
  assert.deepEqual(resets, ["cold"]);
});

Deno.test("PPS that fails is tried once more with less, after a reset", async () => {
  for (const pps of ["ignore", "refuse"] as const) {
    const { resets, wrapLink } = resetsSeen();
    using reader = readerWith(
      createCard(undefined, { pps } as FileSystemCardOptions),
      { wrapLink },
    );
    await power(reader, SCARD_COLD_RESET);
    // T=0 is offered first, at 372/1: without PPS the card can be used after all.
    const chosen = await setProtocol(reader, SCARD_PROTOCOL_T0);
    assert.equal(show(chosen), "00000000 01000000", pps);
    assert.equal(resets.length, 2, pps);
    assert.equal(
      show(await transmit(reader, SCARD_PROTOCOL_T0, SELECT_MF)),
      "00000000 9000",
    );
  }
});

Deno.test("insertion and removal end the waiting request", async () => {
  using reader = new VirtualReader();
  const inserted = untilPresent(reader);
  reader.insert(createCard());
  await inserted;
  assert.equal(await state(reader), SCARD_PRESENT);
  const removed = untilAbsent(reader);
  assert.throws(() => reader.insert(createCard()), /one is in, expected none/);
  reader.remove();
  await removed;
  assert.equal(await state(reader), SCARD_ABSENT);
  assert.equal((await power(reader, SCARD_COLD_RESET)).status, STATUS_NO_MEDIA);
});

Deno.test("eject takes the card out", async () => {
  using reader = readerWith(createCard());
  assert.equal(
    (await request(reader, IOCTL_SMARTCARD_EJECT)).status,
    STATUS_SUCCESS,
  );
  assert.equal(reader.card, null);
  assert.equal(
    (await request(reader, IOCTL_SMARTCARD_EJECT)).status,
    STATUS_NO_MEDIA,
  );
});

/** A card whose answer comes when the test says so. */
class LateCard implements InsertableCard {
  #output: ((bytes: Uint8Array) => void) | null = null;
  readonly #settle = Promise.withResolvers<void>();
  attach(output: ((bytes: Uint8Array) => void) | null): void {
    this.#output = output;
  }
  reset(): void {
    this.#output?.(fromHex("3B00"));
  }
  powerOff(): void {}
  receive(): Promise<void> {
    return this.#settle.promise;
  }
  answer(hex: string): void {
    this.#output?.(fromHex(hex));
  }
  settle(): void {
    this.#settle.resolve();
  }
}

Deno.test("a card pulled in the middle of an APDU: NO_MEDIA, and the next card works", async () => {
  const late = new LateCard();
  using reader = readerWith(late);
  await connect(reader, SCARD_PROTOCOL_T0);
  const answer = transmit(reader, SCARD_PROTOCOL_T0, SELECT_MF);
  reader.remove();
  reader.insert(createCard());
  assert.equal((await answer).status, STATUS_NO_MEDIA);
  assert.equal(await connect(reader, SCARD_PROTOCOL_T1), SCARD_PROTOCOL_T1);
  assert.equal(
    show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
    "00000000 9000",
  );
});

Deno.test("a late answer is waited for, a card that stays busy times out", async () => {
  const timers: (() => void)[] = [];
  const timer = (_ms: number, run: () => void) => {
    timers.push(run);
    return () => {};
  };
  const late = new LateCard();
  using reader = readerWith(late, { timer });
  await connect(reader, SCARD_PROTOCOL_T0);
  const answer = transmit(reader, SCARD_PROTOCOL_T0, fromHex("00A40000"));
  late.answer("60");
  late.answer("9000");
  assert.equal(show(await answer), "00000000 9000");
  const never = transmit(reader, SCARD_PROTOCOL_T0, fromHex("00A40000"));
  timers.at(-1)?.();
  assert.equal((await never).status, STATUS_IO_TIMEOUT);
});

Deno.test("hostile cards: an error, and the reader serves the next request", async () => {
  using mute = readerWith(new MuteCard());
  assert.equal(
    (await power(mute, SCARD_COLD_RESET)).status,
    STATUS_IO_TIMEOUT,
  );
  using silent = readerWith(new SilentCard());
  await power(silent, SCARD_COLD_RESET);
  const selected = (await setProtocol(silent, SCARD_PROTOCOL_Tx)).output[0];
  assert.equal(
    (await transmit(silent, selected, SELECT_MF)).status,
    STATUS_IO_TIMEOUT,
  );
  for (
    const card of [
      new GarbageCard({ seed: 1 }),
      new GarbageCard({ seed: 2 }),
      new BabblingCard(),
    ]
  ) {
    using reader = readerWith(card);
    const reset = await power(reader, SCARD_COLD_RESET);
    if (reset.status !== STATUS_SUCCESS) {
      assert.equal(statusName(reset.status), "STATUS_UNRECOGNIZED_MEDIA");
      continue;
    }
    const chosen = await setProtocol(reader, SCARD_PROTOCOL_Tx);
    if (chosen.status !== STATUS_SUCCESS) continue;
    for (let i = 0; i < 20; i++) {
      const { status } = await transmit(reader, chosen.output[0], SELECT_MF);
      assert.ok(
        [
          STATUS_SUCCESS,
          STATUS_DEVICE_PROTOCOL_ERROR,
          STATUS_IO_TIMEOUT,
        ].includes(status),
        statusName(status),
      );
    }
    assert.equal(await state(reader), SCARD_SPECIFIC);
  }
});

Deno.test("a bad ATR is unrecognised media", async () => {
  class BadAtr extends LateCard {
    override reset(): void {
      this.answer("3B800102");
    }
  }
  using reader = readerWith(new BadAtr());
  assert.equal(
    (await power(reader, SCARD_COLD_RESET)).status,
    STATUS_UNRECOGNIZED_MEDIA,
  );
  assert.equal(await state(reader), SCARD_PRESENT);
});

Deno.test("unplugging ends what waits", async () => {
  const reader = readerWith(new LateCard());
  const irp = new Irp({
    ioControlCode: IOCTL_SMARTCARD_IS_PRESENT + 4,
    systemBuffer: new Uint8Array(0),
    inputLength: 0,
    outputLength: 0,
  });
  assert.equal(await reader.deviceControl(irp), STATUS_PENDING);
  await connect(reader, SCARD_PROTOCOL_T0);
  const answer = transmit(reader, SCARD_PROTOCOL_T0, SELECT_MF);
  reader[Symbol.dispose]();
  assert.equal(await irp.completion, STATUS_DEVICE_REMOVED);
  assert.ok(
    [STATUS_NO_MEDIA, STATUS_DEVICE_REMOVED].includes((await answer).status),
  );
});

Deno.test("cleanup cancels the tracking request", async () => {
  using reader = new VirtualReader();
  const waiting = request(reader, IOCTL_SMARTCARD_IS_PRESENT);
  reader.cleanup();
  assert.equal(statusName((await waiting).status), "STATUS_CANCELLED");
});

Deno.test("options out of range are refused", () => {
  assert.throws(() => new VirtualReader({ maxIfsdBytes: 0 }), RangeError);
  assert.throws(
    () => new VirtualReader({ vendorName: "x".repeat(33) }),
    RangeError,
  );
});

Deno.test("a reader without RDF slot for swallowing says so", async () => {
  using reader = readerWith(createCard());
  assert.equal(
    (await request(reader, 0x0031001c)).status,
    STATUS_NOT_SUPPORTED,
  );
});

// Invariant: the answer to the command is delivered right, or an error; afterwards a reset gives a usable card.
Deno.test("T=1 over a link that corrupts, drops and duplicates", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.constantFrom("ok", "ok", "ok", "flip", "drop", "double"),
        { minLength: 40, maxLength: 40 },
      ),
      fc.integer({ min: 5, max: 254 }),
      fc.uint8Array({ minLength: 0, maxLength: 200 }),
      async (faults, ifscBytes, challengeHeader) => {
        let step = 0;
        const card = createCard(undefined, {
          atr: { protocols: [1], ifscBytes },
        });
        const output: InsertableCard = {
          attach: (sink) =>
            card.attach(
              sink === null ? null : (bytes) => {
                const fault = armed ? faults[step++] ?? "ok" : "ok";
                if (fault === "drop") return;
                const copy = bytes.slice();
                if (fault === "flip") copy[copy.length >> 1] ^= 0x40;
                sink(copy);
                if (fault === "double") sink(copy);
              },
            ),
          reset: (kind) => card.reset(kind),
          powerOff: () => card.powerOff(),
          receive: (bytes) => card.receive(bytes),
        };
        let armed = false;
        using reader = readerWith(output);
        await connect(reader, SCARD_PROTOCOL_T1);
        armed = true;
        const length = 1 + challengeHeader.length % 200;
        for (let i = 0; i < 4; i++) {
          const got = await transmit(
            reader,
            SCARD_PROTOCOL_T1,
            Uint8Array.of(0, 0x84, 0, 0, length),
          );
          if (got.status === STATUS_SUCCESS) {
            assert.equal(got.output.length, length + 2, show(got));
            assert.equal(toHex(got.output.slice(-2)), "9000");
          } else {
            assert.ok(
              [STATUS_DEVICE_PROTOCOL_ERROR, STATUS_IO_TIMEOUT].includes(
                got.status,
              ),
              statusName(got.status),
            );
          }
        }
        armed = false;
        await connect(reader, SCARD_PROTOCOL_T1);
        assert.equal(
          show(await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF)),
          "00000000 9000",
        );
      },
    ),
    { seed: 78163, numRuns: 200 },
  );
});

/** Runs `count` rounds of the microtask queue. */
async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await Promise.resolve();
}

Deno.test("a card pulled at any moment of PPS leaves no ghost behind", async () => {
  for (const pps of ["accept", "refuse"] as const) {
    for (let delay = 0; delay < 30; delay++) {
      const card = createCard(undefined, { pps });
      const slow: InsertableCard = {
        attach: (output) => card.attach(output),
        reset: (kind) => card.reset(kind),
        powerOff: () => card.powerOff(),
        receive: (bytes) => {
          const copy = bytes.slice();
          return Promise.resolve().then(() => card.receive(copy));
        },
      };
      using reader = readerWith(slow);
      await power(reader, SCARD_COLD_RESET);
      const chosen = setProtocol(reader, SCARD_PROTOCOL_Tx);
      await microtasks(delay);
      reader.remove();
      await chosen;
      assert.equal(await state(reader), SCARD_ABSENT, `${pps} ${delay}`);
    }
  }
});

Deno.test("a card that throws is a silent one", async () => {
  const card = createCard(undefined, {
    protocols: ["t1"],
    atr: { protocols: [1] },
  });
  using reader = readerWith({
    attach: (output) => card.attach(output),
    reset: (kind) => card.reset(kind),
    powerOff: () => card.powerOff(),
    receive: () => {
      throw new Error("broken card");
    },
  });
  await connect(reader, SCARD_PROTOCOL_T1);
  const { status } = await transmit(reader, SCARD_PROTOCOL_T1, SELECT_MF);
  assert.equal(statusName(status), "STATUS_IO_TIMEOUT");
});
