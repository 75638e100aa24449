/**
 * Tests of the oracle of T=1 itself: the scripted exchanges, the check bytes of the
 * reference, what holds of any dialogue.
 *
 * @module
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readBlock } from "./t1_block.ts";
import { checkBytes, type OracleCheck } from "./t1_check.ts";
import { begin, bytes, hex, reader, written } from "./t1_dialogue.ts";

interface Scenario {
  id: string;
  edc: "LRC";
  ifsc: number;
  commands: {
    send: string;
    steps: {
      host_hex: string;
      host_error_code_free: boolean;
      card_hex: string | null;
    }[];
    result: string;
  }[];
}

function job(send: string): string {
  if (send === "S(RESYNCH request)") return "resynch";
  if (send === "S(ABORT request)") return "abort";
  const ifs = /^S\(IFS request (\d+)\)$/.exec(send);
  return ifs === null
    ? `command ${send}`
    : `ifs ${Number(ifs[1]).toString(16)}`;
}

function follow(scenario: Scenario): void {
  const { edc: check, ifsc: ifscBytes, commands, id } = scenario;
  const subject = reader({ check, ifscBytes });
  for (const { send, steps, result } of commands) {
    let step = begin(subject, job(send));
    for (
      const [i, { host_hex, host_error_code_free, card_hex }] of steps.entries()
    ) {
      assert.ok(step.kind === "send", `${id}, step ${i}: ended`);
      const sent = step.block.slice();
      const expected = bytes(host_hex);
      if (host_error_code_free && sent[1] % 4 !== 3) {
        // An R-block without NAD: the LRC changes as the error bits do.
        const bits = (sent[1] ^ expected[1]) & 3;
        sent[1] ^= bits;
        sent[3] ^= bits;
      }
      assert.equal(hex(sent), hex(expected), `${id}, step ${i}`);
      step = subject.receive(bytes(card_hex ?? ""));
    }
    if (result === "reset") {
      assert.deepEqual(step, { kind: "failed", reason: "reset" }, id);
    } else if (result === "error") {
      assert.deepEqual(step, { kind: "failed", reason: "aborted" }, id);
    } else {
      const response = result === "ok" ? new Uint8Array() : bytes(result);
      assert.deepEqual(step, { kind: "done", response }, id);
    }
  }
}

for (const name of ["t1-scenarios", "t1-more-scenarios"]) {
  const url = new URL(`../data/${name}.json`, import.meta.url);
  const { scenarios } = JSON.parse(Deno.readTextFileSync(url)) as {
    scenarios: Scenario[];
  };
  Deno.test(`oracle of T=1: ${scenarios.length} exchanges of ${name}`, () => {
    assert.ok(scenarios.length > 30);
    for (const scenario of scenarios) follow(scenario);
  });
}

Deno.test("oracle of T=1: check bytes of the reference", () => {
  const digits = new TextEncoder().encode("123456789");
  const ifs = bytes("00C101FE");
  const cases: [OracleCheck, string, string][] = [
    ["LRC", "31", "3E"],
    ["13239", "6E90", "B1AB"],
    ["no-complement", "6F91", "544E"],
    ["arc", "BB3D", "ECD1"],
    ["arc-faulty", "593C", "ECD1"],
    ["zero-start", "76DE", "90A8"],
  ];
  for (const [kind, ofDigits, ofIfs] of cases) {
    assert.equal(
      hex(Uint8Array.from(checkBytes(kind, digits))),
      ofDigits,
      kind,
    );
    assert.equal(hex(Uint8Array.from(checkBytes(kind, ifs))), ofIfs, kind);
  }
  const answer = bytes("0020026A88");
  assert.deepEqual(checkBytes("arc-faulty", answer), [0xc6, 0x86]);
  assert.deepEqual(checkBytes("arc", answer), [0xc6, 0x84]);
});

Deno.test("oracle of T=1: LEN 255, NAD and two check bytes", () => {
  const iso = { check: "LRC", nad: 0, profile: "iso" } as const;
  const long = new Uint8Array(259);
  long[2] = 255;
  long[258] = 255;
  assert.deepEqual(readBlock(iso, long), { is: "invalid", error: 2 });
  long[258] = 0;
  assert.deepEqual(readBlock(iso, long), { is: "invalid", error: 2 });

  const addressed = { check: "13239", nad: 0x21, profile: "iso" } as const;
  const answer = (nad: number, spoilt: number) => {
    const covered = Uint8Array.of(nad, 0x90, 0);
    const [low, high] = checkBytes("13239", covered);
    return Uint8Array.of(...covered, low, high ^ spoilt);
  };
  assert.deepEqual(readBlock(addressed, answer(0x12, 0)), {
    is: "R",
    number: 1,
  });
  for (const nad of [0x21, 0x00, 0x1a, 0x92]) {
    assert.deepEqual(readBlock(addressed, answer(nad, 0)), {
      is: "invalid",
      error: 2,
    });
  }
  for (const nad of [0x12, 0x21]) {
    assert.deepEqual(readBlock(addressed, answer(nad, 1)), {
      is: "invalid",
      error: 1,
    });
  }
});

Deno.test("oracle of T=1: blocks are well formed, and silence ends any job within six", () => {
  const cards = [
    "I00 9000",
    "I10 9000",
    "I01 AA",
    "I11 BB",
    "R0e1",
    "R1",
    "WTX? 02",
  ]
    .concat([
      "IFS? 01",
      "ABORT?",
      "RESYNCH!",
      "IFS! FE",
      "ABORT!",
      "R0 bad",
      "-",
    ]);
  const property = fc.property(
    fc.array(fc.constantFrom(...cards)),
    fc.constantFrom("command 00A4000C", "ifs FE", "resynch", "abort"),
    fc.record({
      profile: fc.constantFrom("iso" as const, "emv" as const),
      ifsdBytes: fc.constantFrom(0, 32, 254),
      ifscBytes: fc.constantFrom(1, 32),
    }),
    (received, job, options) => {
      const subject = reader(options);
      let step = begin(subject, job);
      let silences = 0;
      for (let i = 0; step.kind === "send"; i++) {
        const link = { check: "LRC", nad: 0, profile: "iso" } as const;
        // S(RESYNCH request) alone is invalid in the other direction.
        if (step.block[1] !== 0xc0) {
          assert.notEqual(readBlock(link, step.block).is, "invalid");
        }
        if (i >= received.length) silences++;
        assert.ok(silences <= 6);
        step = subject.receive(written(received[i] ?? "-"));
      }
    },
  );
  fc.assert(property, { seed: 78163, numRuns: 500 });
});
