/**
 * Invariant: whatever comes, and wherever it is interrupted, the answer ends with a status
 * word of the specification, and the passwords are those of the model.
 */
import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { fromHex, toHex } from "../../../src/bytes.ts";
import { OpenPgpApplication } from "../../../src/cards/mod.ts";
import { PasswordModel } from "./password_model.ts";

/** Specification 3.4, 7.1. */
const STATUS_WORDS = new Set([
  0x6285,
  0x6581,
  0x6700,
  0x6881,
  0x6882,
  0x6883,
  0x6884,
  0x6982,
  0x6983,
  0x6985,
  0x6a80,
  0x6a82,
  0x6a88,
  0x6b00,
  0x6d00,
  0x6e00,
  0x9000,
]);

function isStatusWord(status: number): boolean {
  return STATUS_WORDS.has(status) || status >> 8 === 0x61 ||
    status >> 4 === 0x63c;
}

/** One thing that a host does. */
type Step = (card: OpenPgpApplication, model: PasswordModel) => Promise<void>;

async function send(
  card: OpenPgpApplication,
  command: Uint8Array,
): Promise<number> {
  const answer = await card.process(command.slice());
  ok(answer.length >= 2);
  const status = answer[answer.length - 2] << 8 | answer[answer.length - 1];
  ok(isStatusWord(status), `${status.toString(16)} to ${toHex(command)}`);
  return status;
}

/** Header and data as a command, or as a chain of two. */
async function command(
  card: OpenPgpApplication,
  header: string,
  data: string,
  isChained: boolean,
): Promise<number> {
  const bytes = fromHex(data);
  let rest = bytes;
  if (isChained && bytes.length > 1) {
    const link = Uint8Array.of(0x10, ...fromHex(header), 1, bytes[0]);
    equal(await send(card, link), 0x9000);
    rest = bytes.subarray(1);
  }
  const body = rest.length === 0 ? [] : [rest.length, ...rest];
  return await send(card, Uint8Array.of(0, ...fromHex(header), ...body));
}

const hex = fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) =>
  toHex(bytes)
);
const p2 = fc.constantFrom(0x81, 0x82, 0x83);
/** The right value three times out of four. */
const guess = fc.option(hex, { freq: 3 });

/** A step whose answer the model knows. */
function modelled(
  header: string,
  data: string,
  isChained: boolean,
  expected: number,
): (card: OpenPgpApplication) => Promise<void> {
  return async (card) => {
    const status = await command(card, header, data, isChained);
    equal(status.toString(16), expected.toString(16), header);
  };
}

const verify = fc.tuple(p2, guess, fc.boolean()).map((
  [p2, wrong, isChained],
): Step =>
(card, model) => {
  const data = wrong ?? model.secrets[p2 === 0x83 ? "pw3" : "pw1"].value;
  const header = `2000${toHex(Uint8Array.of(p2))}`;
  return modelled(header, data, isChained, model.verify(p2, data))(card);
});

const change = fc.tuple(fc.constantFrom(0x81, 0x83), guess, hex, fc.boolean())
  .map(([p2, wrong, fresh, isChained]): Step => (card, model) => {
    const old = wrong ?? model.secrets[p2 === 0x83 ? "pw3" : "pw1"].value;
    const expected = model.change(p2, old, fresh);
    const header = `2400${toHex(Uint8Array.of(p2))}`;
    return modelled(header, old + fresh, isChained, expected)(card);
  });

const resetCounter = fc.tuple(fc.constantFrom(0, 2), guess, hex).map((
  [p1, wrong, fresh],
): Step =>
(card, model) => {
  const code = p1 === 2 ? "" : wrong ?? model.secrets.code.value;
  const expected = model.resetCounter(p1, code, fresh);
  return modelled(`2C0${p1}81`, code + fresh, false, expected)(card);
});

const setCode = fc.option(hex).map((value): Step => (card, model) =>
  modelled("DA00D3", value ?? "", false, model.setCode(value ?? ""))(card)
);

const life = fc.constantFrom<Step>(
  (card, model) => modelled("E60000", "", false, model.terminate())(card),
  (card, model) => modelled("440000", "", false, model.activate())(card),
  (card, model) => modelled("440000", "", false, model.activate())(card),
  (card, model) => {
    card.reset();
    model.verified.clear();
    return Promise.resolve();
  },
);

const byte = fc.integer({ min: 0, max: 255 });
/** What the model does not follow. */
function isFree(bytes: Uint8Array): boolean {
  const isCode = bytes[1] === 0xda && bytes[2] === 0 && bytes[3] === 0xd3;
  return !isCode && ![0x20, 0x24, 0x2c, 0x44, 0xe6].includes(bytes[1]);
}
/** Right headers reach further than noise. */
const nearCommand = fc.tuple(
  fc.constantFrom(0x00, 0x00, 0x00, 0x10, 0x0c, 0x80),
  fc.constantFrom(
    ...["A40400", "CA006E", "CA0104", "CA00C4", "CA7F21", "CC7F21", "A50104"],
    ...["DA0101", "DA00C1", "DA00C4", "DA7F21", "DB3FFF", "478000", "478100"],
    ...["2A9E9A", "2A8086", "880000", "840000", "2241A4", "2241B8", "C00000"],
  ),
  fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(
      ...["B600", "B800", "A400", "830102", "60045C027F21", "D27600012401"],
      ...["4D0CB6007F480292205F4820", "162B06010401DA470F01", "0102"],
      ...[`4D2AB6007F480292205F4820${"07".repeat(32)}`],
    ).map((text) => fromHex(text)),
  ),
  fc.constantFrom([], [0], [0x10], [0, 0], [0, 0, 0]),
).map(([cla, header, data, le]) => {
  const lc = data.length === 0 ? [] : [data.length];
  return Uint8Array.of(cla, ...fromHex(header), ...lc, ...data, ...le);
});
/** Commands that need no more than the right password. */
const plainCommand = fc.constantFrom(
  "0047800002B60000",
  "0047800002B80000",
  "0047800002A40000",
  "0047810002B60000",
  "002A9E9A01AA00",
  "008800000CAAAAAAAAAAAAAAAAAAAAAAAA00",
  "00DA00C401 01",
  "00DA00C106 010800002000",
  "00DA00C10A 162B06010401DA470F01",
  "00CA006E10",
).map((text) => fromHex(text));
const anything = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.tuple(byte, byte, byte, byte).map((bytes) => Uint8Array.from(bytes)),
  nearCommand,
  nearCommand,
  plainCommand,
  plainCommand,
).filter(isFree);

const noise = anything.map((bytes): Step => async (card, model) => {
  const isForMany = (await card.process(fromHex("00CA00C400")))[0] === 1;
  const status = await send(card, bytes);
  const isSigned = bytes[1] === 0x2a && bytes[2] === 0x9e &&
    (status === 0x9000 || status >> 8 === 0x61) && bytes[0] === 0;
  if (isSigned && !isForMany) model.verified.delete(0x81);
});

/** The command is not waited for: a reset comes, and another command after it. */
const interrupted = fc.tuple(anything, anything).map(
  ([first, second]): Step => async (card, model) => {
    const running = send(card, first);
    card.reset();
    model.verified.clear();
    await Promise.all([send(card, second), running]);
  },
);

const step = fc.oneof(
  { weight: 6, arbitrary: verify },
  { weight: 2, arbitrary: change },
  { weight: 2, arbitrary: resetCounter },
  { weight: 2, arbitrary: setCode },
  { weight: 1, arbitrary: life },
  { weight: 4, arbitrary: noise },
  { weight: 1, arbitrary: interrupted },
);

Deno.test("hostile host: any commands, broken chains, interruptions", async () => {
  let keysMade = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40, size: "max" }),
      async (steps) => {
        const card = new OpenPgpApplication({ algorithm: "curve25519" });
        const model = new PasswordModel();
        for (const step of steps) {
          await step(card, model);
          await agree(card, model);
        }
        const made = await card.process(fromHex("00CA00DE00"));
        if (made.length > 2 && (made[1] | made[3] | made[5]) !== 0) keysMade++;
      },
    ),
    { seed: 78163, numRuns: 400, endOnFailure: true },
  );
  ok(keysMade > 0, "the steps reach the keys");
});

async function agree(
  card: OpenPgpApplication,
  model: PasswordModel,
): Promise<void> {
  for (const p2 of [0x81, 0x82, 0x83]) {
    const status = await send(card, Uint8Array.of(0, 0x20, 0, p2));
    equal(status.toString(16), model.state(p2).toString(16), `state of ${p2}`);
  }
  if (model.isTerminated) return;
  const answer = await card.process(fromHex("00CA00C400"));
  equal(toHex(answer.subarray(4, 7)), model.counters);
}
