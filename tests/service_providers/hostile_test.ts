// Whatever a card answers, each operation ends, with a result or a clear error.
import assert from "node:assert/strict";
import fc from "fast-check";
import { toHex } from "../../src/bytes.ts";
import {
  CardAnswerError,
  CardAuth,
  cardCapabilities,
  CardStatusError,
  CHVerification,
  FileAccess,
  readFileProperties,
} from "../../src/service_providers/mod.ts";
import { fromHex } from "../../src/bytes.ts";
import { historicalBytes } from "../../src/service_providers/card_capabilities.ts";
import { attachCard, bytes, scriptedCard } from "./stack.ts";

/** Answers SELECT with a template, the rest by a function. */
function card(fcp: string, rest: (command: string) => string) {
  return scriptedCard((command) =>
    command.slice(2, 4) === "A4" ? `${fcp}9000` : rest(command)
  );
}

async function readFile(
  ...[fcp, rest]: Parameters<typeof card>
): Promise<Uint8Array> {
  await using a = await attachCard("t1", card(fcp, rest));
  return await a.service.getInterface(FileAccess)!.readFile("/5001");
}

const NEW_LINE = /\n/;

async function answerError(
  message: RegExp,
  work: Promise<unknown>,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert(error instanceof CardAnswerError, String(error));
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, NEW_LINE);
    return true;
  });
}

const AA = "AA".repeat(16);

Deno.test("hostile: more bytes than were asked for", async () => {
  await answerError(
    /16 bytes came, expected 4 at most/,
    readFile("620480020004", () => `${AA}9000`),
  );
});

Deno.test("hostile: 61xx for ever", async () => {
  await answerError(
    /GET RESPONSE gave 6101 and no data, expected some/,
    readFile("", () => "6101"),
  );
});

Deno.test("hostile: a file without an end", async () => {
  const whole = "00".repeat(256);
  await answerError(
    /no data object 53 or 73/,
    readFile("", () => `${whole}9000`),
  );
});

Deno.test("hostile: status only", async () => {
  assert.equal((await readFile("", () => "9000")).length, 0);
  assert.equal((await readFile("620480020004", () => "9000")).length, 0);
  await assert.rejects(readFile("", () => "6F00"), CardStatusError);
});

Deno.test("hostile: 6Cxx for ever is final", async () => {
  await assert.rejects(readFile("", () => "6C10"), (error) => {
    assert(error instanceof CardStatusError);
    assert.equal(error.sw, 0x6c10);
    return true;
  });
});

Deno.test("hostile: control information with wrong lengths", async () => {
  for (const fcp of ["620A80020004", "6204800600", "62", "6F8501", "621F5F"]) {
    await answerError(
      /Cannot read file control information/,
      readFile(fcp, () => "9000"),
    );
  }
});

Deno.test("hostile: control information of other kinds gives no facts", () => {
  for (const raw of ["", "A5", "6200", "0102030405"]) {
    const { kind, sizeBytes, objects } = readFileProperties(fromHex(raw));
    assert.deepEqual([kind, sizeBytes, objects], [undefined, undefined, []]);
  }
  const nested = readFileProperties(fromHex("6F0A 6208 8201 01 8003 010000"));
  assert.equal(nested.kind, "transparent");
  assert.equal(nested.sizeBytes, 0x10000);
});

Deno.test("hostile: records without an end stop at 254", async () => {
  await using a = await attachCard("t1", card("", () => "AA9000"));
  const files = a.service.getInterface(FileAccess)!;
  assert.equal((await files.readRecords("/5001")).length, 254);
});

Deno.test("hostile: PIN states and challenges that are none", async () => {
  const answers = ["6300", "9000", "AABB9000"];
  await using a = await attachCard(
    "t1",
    scriptedCard(() => answers.shift() ?? "6F00"),
  );
  const pins = a.service.getInterface(CHVerification)!;
  await assert.rejects(pins.getState(1), CardStatusError);
  const auth = a.service.getInterface(CardAuth)!;
  await answerError(/0 bytes came, expected 8/, auth.getChallenge());
  await answerError(/2 bytes came, expected 8/, auth.getChallenge());
});

Deno.test("hostile: any bytes as control information or ATR end in facts or CardAnswerError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (raw) => {
      assert(historicalBytes(raw).length <= 15);
      cardCapabilities(raw);
      for (const first of [0x62, 0x6f]) {
        try {
          readFileProperties(Uint8Array.of(first, raw.length, ...raw));
        } catch (error) {
          assert(error instanceof CardAnswerError, String(error));
        }
      }
    }),
    { seed: 78163, numRuns: 2000 },
  );
});

Deno.test("a card that knows other ways to select, and other sizes", async () => {
  const seen: string[] = [];
  const content = bytes(700);
  const wayward = scriptedCard((command) => {
    seen.push(command);
    const [, ins, p1, p2] = fromHex(command);
    // By file identifier alone, and without an answer.
    if (ins === 0xa4) return p1 === 0 && p2 === 0x0c ? "9000" : "6A86";
    const offset = p1 << 8 | p2;
    if (offset > content.length) return "6B00";
    const ne = fromHex(command)[4] || 256;
    if (command.length > 10) return "6700";
    const part = content.subarray(offset, offset + ne);
    return `${toHex(part)}${part.length < ne ? "6282" : "9000"}`;
  });
  const extended = { extended: true };
  await using a = await attachCard("t1", wayward, extended);
  const files = a.service.getInterface(FileAccess)!;
  assert.deepEqual(await files.readFile("/5000/5001"), content);
  const reads = seen.filter((command) => command.startsWith("00B0"));
  assert.equal(reads.filter(({ length }) => length > 10).length, 1);
  seen.length = 0;
  await files.getProperties("/5000/5001");
  assert.deepEqual(seen, [
    "00A4000C023F00",
    "00A4000C025000",
    "00A4000C025001",
  ]);
});

Deno.test("far offsets go in data objects", async () => {
  const content = bytes(40_000);
  const far = scriptedCard((command) => {
    const raw = fromHex(command);
    if (raw[1] === 0xa4) return "62 05 8003 009C40 9000";
    const ne = raw.at(-1) || 256;
    if (raw[1] === 0xb0) {
      const offset = raw[2] << 8 | raw[3];
      return `${toHex(content.subarray(offset, offset + ne))}9000`;
    }
    assert.equal(raw[1], 0xb1);
    const offset = raw[7] << 8 | raw[8];
    const part = content.subarray(offset, offset + Math.min(ne - 4, 200));
    return `5381${toHex(Uint8Array.of(part.length))}${toHex(part)}9000`;
  });
  await using a = await attachCard("t1", far);
  const files = a.service.getInterface(FileAccess)!;
  assert.deepEqual(await files.readFile("/5001"), content);
});

Deno.test("capabilities of the historical bytes", () => {
  const of = (historical: string) => {
    const body = fromHex(historical);
    return cardCapabilities(Uint8Array.of(0x3b, body.length, ...body));
  };
  const unknown = { path: undefined, extended: false, chaining: false };
  assert.deepEqual(of(""), unknown);
  assert.deepEqual(of("80 73 F62140"), {
    path: true,
    extended: true,
    chaining: false,
  });
  assert.deepEqual(of("80 3100 73 C021C0"), {
    path: false,
    extended: true,
    chaining: true,
  });
  assert.deepEqual(of("00 73 802180 05 9000"), {
    path: false,
    extended: false,
    chaining: true,
  });
  assert.deepEqual(of("80 7F 01"), { ...unknown, path: false });
  assert.deepEqual(of("10 73 F62140"), unknown);
  // TA1, TD1, TD2, TA3 before them.
  const atr = fromHex("3B 95 95 80 11 FE 80 73 F62140 00");
  assert.equal(toHex(historicalBytes(atr)), "8073F62140");
});
