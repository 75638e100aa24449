// Whatever happens on the wire: the right answer or an error, never wrong data, and the
// next reset gives a card that works.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  createTestCard,
  GarbageCard,
  MuteCard,
  type TestCardOptions,
} from "../../../src/cards/mod.ts";
import { SerialPortError } from "../../../src/drivers/serial/mod.ts";
import {
  IOCTL_SMARTCARD_IS_ABSENT,
  IOCTL_SMARTCARD_IS_PRESENT,
  SCARD_ABSENT,
  SCARD_COLD_RESET,
  SCARD_PRESENT,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
  SCARD_PROTOCOL_Tx,
  setLogSink,
  statusName,
} from "../../../src/smclib/mod.ts";
import {
  power,
  request,
  setProtocol,
  state,
  untilAbsent,
} from "../requests.ts";
import {
  connect,
  counted,
  echoCommand,
  exchange,
  useTestCard,
} from "./sessions.ts";
import { type Workplace, workplace } from "./workplace.ts";

const T0 = SCARD_PROTOCOL_T0;
const T1 = SCARD_PROTOCOL_T1;
const DAMAGED = 0x100;

/** Runs `run` and returns what was logged meanwhile. */
async function logged(run: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [];
  setLogSink(({ insertion }) => lines.push(insertion ?? ""));
  try {
    await run();
  } finally {
    setLogSink(null);
  }
  return lines;
}

async function connected(
  options: TestCardOptions,
  protocol: number,
): Promise<Workplace> {
  const card = createTestCard(options);
  const place = await workplace({ card: card.contacts });
  await connect(place.reader, protocol);
  place.adaptor.countAnew();
  return place;
}

for (const convention of ["direct", "inverse"] as const) {
  Deno.test(`T=1, ${convention}: any character of the answer damaged is asked for again`, async () => {
    for (let at = 0; at < 12; at++) {
      await using place = await connected(
        { protocols: ["t1"], convention },
        T1,
      );
      assert.equal(await exchange(place.reader, T1, "80300000"), "9000");
      place.adaptor.countAnew();
      place.adaptor.cardFault = (character, index) =>
        index === at ? character ^ DAMAGED : character;
      assert.equal(
        await exchange(place.reader, T1, echoCommand("0102030405060708")),
        "01020304050607089000",
        `character ${at}`,
      );
      assert.deepEqual(place.adaptor.violations, []);
    }
  });

  Deno.test(`T=0, ${convention}: a damaged character is an error, not wrong data`, async () => {
    // INS, eight data bytes, SW1, SW2.
    for (let at = 0; at < 11; at++) {
      await using place = await connected(
        { protocols: ["t0"], convention },
        T0,
      );
      place.adaptor.cardFault = (character, index) =>
        index === at ? character ^ DAMAGED ^ 0x10 : character;
      assert.equal(
        await exchange(place.reader, T0, "8020000008"),
        "STATUS_IO_TIMEOUT",
        `character ${at}`,
      );
      place.adaptor.cardFault = null;
      await connect(place.reader, T0);
      await useTestCard(place.reader, T0);
    }
  });
}

Deno.test("without the check of parity T=0 takes what comes", async () => {
  const card = createTestCard({ protocols: ["t0"] });
  await using place = await workplace({
    card: card.contacts,
    reader: { checkParity: false },
  });
  await connect(place.reader, T0);
  place.adaptor.countAnew();
  place.adaptor.cardFault = (character, index) =>
    index === 1 ? character ^ DAMAGED ^ 0x10 : character;
  assert.equal(await exchange(place.reader, T0, "8020000002"), "10019000");
});

Deno.test("a character of the card that is lost: T=1 repeats, T=0 ends in an error", async () => {
  for (const [protocol, name] of [[T0, "t0"], [T1, "t1"]] as const) {
    await using place = await connected({ protocols: [name] }, protocol);
    if (protocol === T1) await exchange(place.reader, T1, "80300000");
    place.adaptor.countAnew();
    place.adaptor.cardFault = (character, index) =>
      index === 2 ? null : character;
    const began = place.clock.now;
    assert.equal(
      await exchange(place.reader, protocol, "8020000008"),
      // T=0 takes SW1 for data, and what follows for a procedure byte.
      protocol === T1 ? `${counted(8)}9000` : "STATUS_DEVICE_PROTOCOL_ERROR",
    );
    // One waiting time of 1 s or so, not one for each character that is missing.
    assert.ok(place.clock.now - began < 2000, String(place.clock.now - began));
  }
});

for (const convention of ["direct", "inverse"] as const) {
  Deno.test(`a collision is noticed and logged, ${convention}`, async () => {
    for (const change of [0x01, 0x80, DAMAGED]) {
      const lines = await logged(async () => {
        await using place = await connected(
          { protocols: ["t1"], convention },
          T1,
        );
        await exchange(place.reader, T1, "80300000");
        place.adaptor.countAnew();
        place.adaptor.echoFault = (character, index) =>
          index === 4 ? character ^ change : character;
        // T=1 gets over it.
        assert.equal(
          await exchange(place.reader, T1, echoCommand("0102")),
          "01029000",
        );
      });
      assert.equal(lines.length, 1);
      assert.match(
        lines[0],
        /^Cannot send to the card: collision, another value (with a wrong parity )?came back as character 4, expected the one sent$/,
      );
    }
  });
}

Deno.test("T=0 does not get over a collision", async () => {
  await logged(async () => {
    await using place = await connected({ protocols: ["t0"] }, T0);
    place.adaptor.echoFault = (character, index) =>
      index === 2 ? character ^ 1 : character;
    assert.equal(
      await exchange(place.reader, T0, "80300000"),
      "STATUS_IO_TIMEOUT",
    );
  });
});

Deno.test("an adaptor without an echo is told", async () => {
  const lines = await logged(async () => {
    await using place = await connected({ protocols: ["t0"] }, T0);
    place.adaptor.echoFault = () => null;
    // What the card says is taken for the echo, and is not it.
    assert.notEqual(await exchange(place.reader, T0, "80300000"), "9000");
  });
  assert.match(lines.join(), /Cannot send to the card: /);
});

Deno.test("a mute card: the reset ends soon after the latest moment for TS", async () => {
  await using place = await workplace({ card: new MuteCard() });
  const began = place.clock.now;
  const { status } = await power(place.reader, SCARD_COLD_RESET);
  assert.equal(statusName(status), "STATUS_IO_TIMEOUT");
  const took = place.clock.now - began;
  // Reset 20 ms, 40 000 clocks 11.2 ms, one character, 50 ms of the host.
  assert.ok(took > 80 && took < 90, String(took));
});

Deno.test("TS may come after 40 000 clocks, and each character of the ATR 9600 etu after the last", async () => {
  const card = createTestCard();
  await using place = await workplace({
    card: card.contacts,
    adaptor: { atrDelayClocks: 39_999 },
  });
  await connect(place.reader, SCARD_PROTOCOL_Tx);
  await useTestCard(place.reader, T1);
});

Deno.test("a card that falls silent: T=0 after WT, T=1 after BWT of each attempt", async () => {
  for (const [protocol, name] of [[T0, "t0"], [T1, "t1"]] as const) {
    await using place = await connected({ protocols: [name] }, protocol);
    const began = place.clock.now;
    assert.equal(
      await exchange(place.reader, protocol, "802A0000"),
      protocol === T0 ? "STATUS_IO_TIMEOUT" : "STATUS_DEVICE_PROTOCOL_ERROR",
    );
    const seconds = (place.clock.now - began) / 1000;
    if (protocol === T0) assert.ok(seconds > 0.99 && seconds < 1.3);
    else assert.ok(seconds > 1.6 && seconds < 20, String(seconds));
    await connect(place.reader, protocol);
    await useTestCard(place.reader, protocol);
  }
});

/** What is interrupted at every character of both directions. */
const INTERRUPTED: [string, TestCardOptions, number][] = [
  ["T=0", { protocols: ["t0"], ta1: 0x95 }, T0],
  ["T=1", { protocols: ["t1"], ta1: 0x95 }, T1],
];

for (const [name, options, protocol] of INTERRUPTED) {
  for (const direction of ["cardFault", "echoFault"] as const) {
    Deno.test(`the card pulled at any character, ${name}, ${direction}`, async () => {
      let wasPulled = true;
      for (let at = 0; wasPulled; at++) {
        wasPulled = false;
        const card = createTestCard(options);
        await using place = await workplace({ card: card.contacts });
        place.adaptor[direction] = (character, index) => {
          if (index === at && place.adaptor.card !== null) {
            wasPulled = true;
            place.adaptor.remove();
          }
          return character;
        };
        const outcomes = [
          statusName((await power(place.reader, SCARD_COLD_RESET)).status),
        ];
        if (outcomes[0] === "STATUS_SUCCESS") {
          const chosen = await setProtocol(place.reader, SCARD_PROTOCOL_Tx);
          outcomes.push(statusName(chosen.status));
          if (outcomes[1] === "STATUS_SUCCESS") {
            outcomes.push(
              await exchange(place.reader, protocol, "802400000401020304"),
            );
          }
        }
        if (!wasPulled) {
          assert.equal(outcomes.at(-1), "9000");
          continue;
        }
        // The last character may be the answer's: then the exchange is over.
        assert.match(outcomes.at(-1) ?? "", /^STATUS_NO_MEDIA$|^9000$/);
        assert.equal(await state(place.reader), SCARD_ABSENT, `at ${at}`);
        assert.ok(place.clock.now < 200, `at ${at}: ${place.clock.now}`);
        place.adaptor[direction] = null;
        place.adaptor.insert(createTestCard(options).contacts);
        assert.equal(await state(place.reader), SCARD_ABSENT);
        await request(place.reader, IOCTL_SMARTCARD_IS_PRESENT);
        await connect(place.reader, protocol);
        assert.equal(
          await exchange(place.reader, protocol, "80300000"),
          "9000",
        );
        assert.ok(at < 200);
      }
    });
  }
}

Deno.test("the port unplugged at any moment: what runs ends, and all after it", async () => {
  for (const at of [0, 3, 10, 15, 22, 28]) {
    await logged(async () => {
      const card = createTestCard({ protocols: ["t0"] });
      await using place = await workplace({ card: card.contacts });
      const removed = untilAbsent(place.reader);
      let seen = 0;
      place.adaptor.cardFault = place.adaptor.echoFault = (character) => {
        if (seen++ === at) place.port.unplug();
        return character;
      };
      const reset = await power(place.reader, SCARD_COLD_RESET);
      if (statusName(reset.status) === "STATUS_SUCCESS") {
        assert.match(
          await exchange(place.reader, T0, "8020000010"),
          /^STATUS_(NO_MEDIA|DEVICE_REMOVED)$/,
        );
      }
      await removed;
      const after = await request(place.reader, IOCTL_SMARTCARD_IS_ABSENT);
      assert.equal(statusName(after.status), "STATUS_DEVICE_REMOVED");
      await place.reader.close();
      assert.equal(place.port.isClosed, true);
    });
  }
});

Deno.test("closing ends what waits, once, and closes the port", async () => {
  const card = createTestCard({ protocols: ["t1"] });
  const place = await workplace({ card: card.contacts });
  await connect(place.reader, T1);
  const absent = request(place.reader, IOCTL_SMARTCARD_IS_ABSENT);
  const answer = exchange(place.reader, T1, "80320000");
  await card.whenHeld;
  await Promise.all([place.reader.close(), place.reader.close()]);
  assert.match(await answer, /^STATUS_(NO_MEDIA|DEVICE_REMOVED)$/);
  assert.equal(statusName((await absent).status), "STATUS_DEVICE_REMOVED");
  assert.equal(place.port.isClosed, true);
  assert.equal(place.adaptor.isReset, true);
});

Deno.test("a card at another speed than the port is not understood", async () => {
  const card = createTestCard({ protocols: ["t0"] });
  await using place = await workplace({
    card: card.contacts,
    adaptor: { clockKhz: 3579.545 },
    reader: { clockKhz: 6000 },
  });
  const { status } = await power(place.reader, SCARD_COLD_RESET);
  assert.equal(statusName(status), "STATUS_UNRECOGNIZED_MEDIA");
  assert.equal(await state(place.reader), SCARD_PRESENT);
});

Deno.test("cards that answer with garbage: an error, and a good card works after them", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    await logged(async () => {
      await using place = await workplace({ card: new GarbageCard({ seed }) });
      await power(place.reader, SCARD_COLD_RESET);
      const chosen = await setProtocol(place.reader, SCARD_PROTOCOL_Tx);
      if (statusName(chosen.status) === "STATUS_SUCCESS") {
        await exchange(place.reader, chosen.output[0], "00A4000C023F00");
      }
      place.adaptor.remove();
      place.adaptor.insert(createTestCard().contacts);
      await request(place.reader, IOCTL_SMARTCARD_IS_PRESENT);
      await connect(place.reader, T1);
      await useTestCard(place.reader, T1);
    });
  }
});

// Invariant: an answer with status 9000 has the right data, whatever the wire does; a reset makes all well.
Deno.test("T=1 and T=0 over a wire that damages, drops and doubts", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(T0, T1),
      fc.constantFrom("direct" as const, "inverse" as const),
      fc.array(
        fc.tuple(
          fc.constantFrom("cardFault" as const, "echoFault" as const),
          fc.nat({ max: 120 }),
          fc.constantFrom(null, DAMAGED, DAMAGED | 1, DAMAGED | 0x80),
        ),
        { maxLength: 4 },
      ),
      async (protocol, convention, faults) => {
        await logged(async () => {
          await using place = await connected({
            protocols: [protocol === T0 ? "t0" : "t1"],
            convention,
            ta1: 0x95,
          }, protocol);
          for (const direction of ["cardFault", "echoFault"] as const) {
            place.adaptor[direction] = (character, index) => {
              const fault = faults.find(([where, at]) =>
                where === direction && at === index
              );
              if (fault === undefined) return character;
              return fault[2] === null ? null : character ^ fault[2];
            };
          }
          for (let i = 0; i < 4; i++) {
            const answer = await exchange(place.reader, protocol, "8020000018");
            assert.match(
              answer,
              new RegExp(
                `^(${
                  counted(24)
                }9000|STATUS_IO_TIMEOUT|STATUS_DEVICE_PROTOCOL_ERROR|6.00)$`,
              ),
            );
          }
          place.adaptor.cardFault = place.adaptor.echoFault = null;
          await connect(place.reader, protocol);
          await useTestCard(place.reader, protocol);
        });
      },
    ),
    { seed: 78163, numRuns: 150 },
  );
});

Deno.test("a port that somebody else closes is gone like one unplugged", async () => {
  await logged(async () => {
    const card = createTestCard({ protocols: ["t0"] });
    await using place = await workplace({ card: card.contacts });
    await connect(place.reader, T0);
    const removed = untilAbsent(place.reader);
    await place.port.close();
    await removed;
    assert.equal(
      await exchange(place.reader, T0, "80300000"),
      "STATUS_DEVICE_REMOVED",
    );
  });
});

Deno.test("a port that fails while the reader closes is closed once", async () => {
  const lines = await logged(async () => {
    const card = createTestCard();
    const place = await workplace({ card: card.contacts });
    const absent = request(place.reader, IOCTL_SMARTCARD_IS_ABSENT);
    place.port.setLines = () => {
      throw new SerialPortError("set the lines of", place.port.path, "EIO");
    };
    await place.reader.close();
    assert.equal(place.port.isClosed, true);
    assert.equal(statusName((await absent).status), "STATUS_DEVICE_REMOVED");
  });
  assert.deepEqual(lines, []);
});
