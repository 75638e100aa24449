import assert from "node:assert/strict";
import { MACHINE_ERRORS, MACHINE_TRANSFER } from "../../src/core/mod.ts";
import type { Core, T1Options } from "../../src/core/mod.ts";
import { eachCore } from "./cores.ts";
import { play, session } from "./t1_script.ts";

const EMV: T1Options = { profile: "emv", ifscBytes: 16 };
const IFS = "> IFS? FE < IFS! FE ";
const C = "00A4";

/** What a session says after `script`. */
function outcome(core: Core, script: string, options: T1Options = {}): string {
  using s = session(core, { ...EMV, ...options });
  const found = play(s, C, script);
  s.machine[Symbol.dispose]();
  return found;
}

eachCore("EMV: S(IFS request) of 254 bytes comes first, once", (core) => {
  using s = session(core, { ...EMV, ifsdBytes: 32 });
  assert.equal(play(s, C, IFS + "> I00 00A4 < I00 9000"), "9000");
  assert.equal(play(s, C, "> I10 00A4 < I10 9000"), "9000");
  s.machine[Symbol.dispose]();
});

eachCore(
  "EMV: three blocks without valid answer deactivate the card",
  (core) => {
    const script = IFS + "> I00 00A4 < - > R0e2 < - > R0e2 < -";
    assert.equal(outcome(core, script), "DEACTIVATE");
    assert.equal(
      outcome(core, "> IFS? FE < - > IFS? FE < - > IFS? FE < -"),
      "DEACTIVATE",
    );
    using s = session(core, EMV);
    play(s, C, script);
    assert.equal(play(s, C, ""), "DEACTIVATE");
    assert.equal(s.startResynch(), MACHINE_ERRORS.DEACTIVATE);
    s.reset(EMV);
    assert.equal(play(s, C, IFS + "> I00 00A4 < I00 9000"), "9000");
    s.machine[Symbol.dispose]();
  },
);

eachCore(
  "EMV: an abortion, or requests without end, deactivate the card",
  (core) => {
    const begin = IFS + "> I00 00A4 ";
    assert.equal(outcome(core, begin + "< ABORT?"), "DEACTIVATE");
    assert.equal(outcome(core, "> IFS? FE < ABORT?"), "DEACTIVATE");
    const wtx = "< WTX? 01 > WTX! 01 ";
    assert.equal(
      outcome(core, begin + wtx.repeat(2) + "< WTX? 01", { maxWtx: 2 }),
      "DEACTIVATE",
    );
    const ifs = "< IFS? 10 > IFS! 10 ";
    assert.equal(
      outcome(core, begin + ifs.repeat(64) + "< IFS? 10"),
      "DEACTIVATE",
    );
  },
);

eachCore(
  "EMV: information fields of the card have 16 bytes or more",
  (core) => {
    const begin = IFS + "> I00 00A4 ";
    assert.equal(outcome(core, begin + "< IFS? 0F > R0e2 < I00 9000"), "9000");
    assert.equal(
      outcome(core, begin + "< IFS? 10 > IFS! 10 < I00 9000"),
      "9000",
    );
  },
);

eachCore("EMV: an answer without SW1 SW2 is none", (core) => {
  const begin = IFS + "> I00 00A4 ";
  assert.equal(outcome(core, begin + "< I00"), "RESPONSE_LENGTH");
  assert.equal(outcome(core, begin + "< I00 90"), "RESPONSE_LENGTH");
  assert.equal(outcome(core, begin + "< I01 90 > R1 < I10"), "RESPONSE_LENGTH");
  assert.equal(outcome(core, begin + "< I01 > R1 < I10 9000"), "9000");
});

eachCore("EMV: a chain longer than a response deactivates the card", (core) => {
  using s = session(core, EMV);
  let length = s.begin(Uint8Array.of(0, 0xa4));
  const { receive } = s.machine;
  receive.set([0, 0xe1, 1, 0xfe, 0x1e]);
  length = s.step(5);
  const block = new Uint8Array(258);
  for (let number = 0; length > 0; number ^= 1) {
    block.set([0, number << 6 | 0x20, 254]);
    block[257] = (number << 6 | 0x20) ^ 254;
    receive.set(block);
    length = s.step(258);
  }
  assert.equal(length, MACHINE_ERRORS.DEACTIVATE);
  s.machine[Symbol.dispose]();
});

eachCore("EMV: what a terminal must not do is refused", (core) => {
  using s = session(core, EMV);
  assert.equal(s.startAbort(), MACHINE_ERRORS.STATE);
  assert.throws(() => {
    s.nad = 0x21;
  }, /expected/);
  s.nad = 0;
  assert.throws(() => s.reset({ ...EMV, edc: "CRC" }), /edc is CRC/);
  // A command left in the middle: no RESYNCH puts that right here.
  assert.equal(s.start(Uint8Array.of(0, 0xa4)), MACHINE_TRANSFER);
  assert.equal(s.start(Uint8Array.of(0, 0xa4)), MACHINE_ERRORS.DEACTIVATE);
  s.machine[Symbol.dispose]();
});
