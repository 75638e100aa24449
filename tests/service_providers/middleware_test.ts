import assert from "node:assert/strict";
import { fromHex, toHex } from "../../src/bytes.ts";
import {
  CardAnswerError,
  type CommandApdu,
  connectionSender,
  encodeCommand,
  parseCommand,
  type Send,
  withCommandChaining,
  withGetResponse,
  withLeCorrection,
  withT0Commands,
} from "../../src/service_providers/mod.ts";
import { setUpService } from "../../src/service_providers/service_options.ts";

/** A card of which every exchange is written down: command, answer. */
function script(...steps: [string, string][]): { send: Send; done(): void } {
  let next = 0;
  return {
    send: (command) => {
      const [expected, answer] = steps[next++] ?? ["nothing more", ""];
      assert.equal(toHex(encodeCommand(command)), expected);
      const bytes = fromHex(answer);
      const end = bytes.length - 2;
      return Promise.resolve({
        data: bytes.subarray(0, end),
        sw: bytes[end] << 8 | bytes[end + 1],
      });
    },
    done: () => assert.equal(next, steps.length),
  };
}

async function run(
  wrap: (send: Send) => Send,
  command: string | CommandApdu,
  steps: [string, string][],
): Promise<string> {
  const card = script(...steps);
  const value = typeof command === "string"
    ? parseCommand(fromHex(command))
    : command;
  const { data, sw } = await wrap(card.send)(value);
  card.done();
  return `${toHex(data)} ${sw.toString(16)}`;
}

const getResponse = (send: Send) => withGetResponse(send);

Deno.test("61xx: fetched until there is no more", async () => {
  assert.equal(
    await run(getResponse, "00A4040002AABB00", [
      ["00A4040002AABB00", "6103"],
      ["00C0000003", "0102036102"],
      ["00C0000002", "04059000"],
    ]),
    "0102030405 9000",
  );
});

Deno.test("61xx: the last status counts, also a warning", async () => {
  assert.equal(
    await run(getResponse, "00B0000000", [
      ["00B0000000", "AA6100"],
      ["00C00000FF", "BB6282"],
    ]),
    "AABB 6282",
  );
});

Deno.test("61xx: no more than was asked for, and nothing unasked", async () => {
  assert.equal(
    await run(getResponse, "00CA000102", [
      ["00CA000102", "6110"],
      ["00C0000002", "0102610E"],
    ]),
    "0102 9000",
  );
  assert.equal(
    await run(getResponse, "00D60000", [["00D60000", "6105"]]),
    " 6105",
  );
  const unasked = (send: Send) => withGetResponse(send, { unasked: true });
  assert.equal(
    await run(unasked, "00A40000023F00", [
      ["00A40000023F00", "6102"],
      ["00C0000002", "AABB9000"],
    ]),
    "AABB 9000",
  );
});

Deno.test("61xx: the class byte keeps its channel, and no chaining or secure messaging", async () => {
  assert.equal(
    await run(getResponse, "1FCA000100", [
      ["1FCA000100", "6101"],
      ["03C0000001", "009000"],
    ]),
    "00 9000",
  );
  const sim = (send: Send) => withGetResponse(send, { classOf: () => 0xa0 });
  assert.equal(
    await run(sim, "80CA000100", [
      ["80CA000100", "6101"],
      ["A0C0000001", "009000"],
    ]),
    "00 9000",
  );
});

Deno.test("61xx: a card that never ends is cut off", async () => {
  const answering = (data: Uint8Array, sw: number): Send => () =>
    Promise.resolve({ data, sw });
  const read = { cla: 0, ins: 0xb0, p1: 0, p2: 0, ne: 65_536 };
  const cases: [Send, RegExp][] = [
    [answering(Uint8Array.of(1), 0x6101), /after 1024 times, expected 1024/],
    [answering(new Uint8Array(0), 0x6101), /6101 and no data, expected some/],
    [
      answering(new Uint8Array(20), 0x6110),
      /gave 20 bytes, expected 16 at most/,
    ],
  ];
  for (const [send, message] of cases) {
    await assert.rejects(withGetResponse(send)(read), (error) => {
      assert(error instanceof CardAnswerError);
      assert.match(error.message, message);
      return true;
    });
  }
  const endless = answering(new Uint8Array(256), 0x6100);
  await assert.rejects(
    withGetResponse(endless, { maxBytes: 1024 })(read),
    /gave 1280 bytes in all, expected 1024 at most/,
  );
});

Deno.test("6Cxx: once more with the right Le, cut to what was asked for", async () => {
  assert.equal(
    await run(withLeCorrection, "00B0000000", [
      ["00B0000000", "6C05"],
      ["00B0000005", "01020304059000"],
    ]),
    "0102030405 9000",
  );
  assert.equal(
    await run(withLeCorrection, "00B0000002", [
      ["00B0000002", "6C05"],
      ["00B0000005", "01020304059000"],
    ]),
    "0102 9000",
  );
  assert.equal(
    await run(withLeCorrection, "00B0000002", [
      ["00B0000002", "6C00"],
      ["00B0000000", "6C01"],
    ]),
    " 6c01",
  );
  assert.equal(
    await run(withLeCorrection, "00D60000", [["00D60000", "6C01"]]),
    " 6c01",
  );
});

Deno.test("chaining: parts with CLA bit 5, Le with the last", async () => {
  const threes = (send: Send) => withCommandChaining(send, 3);
  assert.equal(
    await run(threes, "002A9E9A07010203040506070A", [
      ["102A9E9A03010203", "9000"],
      ["102A9E9A03040506", "9000"],
      ["002A9E9A01070A", "AB9000"],
    ]),
    "AB 9000",
  );
  assert.equal(
    await run(threes, "00D6000003010203", [["00D6000003010203", "9000"]]),
    " 9000",
  );
  assert.equal(
    await run(threes, "00D600000401020304", [["10D6000003010203", "6884"]]),
    " 6884",
  );
  assert.throws(() => withCommandChaining(script().send, 0), RangeError);
});

Deno.test("T=0: Le of case 4 stays at home", async () => {
  assert.equal(
    await run((send) => getResponse(withT0Commands(send)), "00A40000023F0000", [
      ["00A40000023F00", "6103"],
      ["00C0000003", "6F01009000"],
    ]),
    "6F0100 9000",
  );
  assert.equal(
    await run(withT0Commands, "00A40000023F0000", [
      ["00A40000023F00", "9000"],
      ["00C0000000", "6F01009000"],
    ]),
    "6F0100 9000",
  );
  assert.equal(
    await run(withT0Commands, "00A40000023F0000", [
      ["00A40000023F00", "9000"],
      ["00C0000000", "6985"],
    ]),
    " 9000",
  );
  assert.equal(
    await run(withT0Commands, "00A40000023F0000", [["00A40000023F00", "6A82"]]),
    " 6a82",
  );
});

Deno.test("T=0: extended lengths become short ones, long data go in ENVELOPE", async () => {
  assert.equal(
    await run(withT0Commands, "00B00000000400", [["00B0000000", "019000"]]),
    "01 9000",
  );
  const data = new Uint8Array(300);
  const update = { cla: 0, ins: 0xd6, p1: 0, p2: 0, data };
  const [first, second] = ["00".repeat(248), "00".repeat(52)];
  assert.equal(
    await run(withT0Commands, update, [
      [`00C20000FF00D6000000012C${first}`, "9000"],
      [`00C2000034${second}`, "9000"],
    ]),
    " 9000",
  );
  assert.equal(
    await run(withT0Commands, update, [
      [`00C20000FF00D6000000012C${first}`, "6D00"],
    ]),
    " 6d00",
  );
});

Deno.test("every wrapper can be left out", async () => {
  const steps: [string, string][] = [["00A40000023F0000", "6105"]];
  const bare = {
    getResponse: false,
    leCorrection: false,
    t0Commands: false,
    chaining: false,
  };
  const setUp = (send: Send) =>
    setUpService(send, fromHex("3B00"), "t0", bare).send;
  assert.equal(await run(setUp, "00A40000023F0000", steps), " 6105");
});

Deno.test("all together over T=0: 6Cxx inside GET RESPONSE", async () => {
  const setUp = (send: Send) =>
    setUpService(send, fromHex("3B00"), "t0", {}).send;
  assert.equal(
    await run(setUp, "00A40000023F0000", [
      ["00A40000023F00", "6104"],
      ["00C0000004", "6C02"],
      ["00C0000002", "AABB9000"],
    ]),
    "AABB 9000",
  );
});

Deno.test("the bottom: an answer without status, and secrets wiped", async () => {
  const sent: Uint8Array[] = [];
  const transmitter = (answer: string) => ({
    transmit: (apdu: BufferSource) => {
      sent.push(apdu as Uint8Array);
      return Promise.resolve(fromHex(answer).buffer);
    },
  });
  const verify = parseCommand(fromHex("002000010431323334"));
  await connectionSender(transmitter("9000"))({ ...verify, secret: true });
  assert.deepEqual([...sent[0]], new Array(9).fill(0));
  await assert.rejects(
    connectionSender(transmitter("90"))(verify),
    /Cannot read the answer to VERIFY: 1 bytes found, expected SW1 SW2/,
  );
});
