// Invariant: compiled and as TypeScript, the core's sources give the same codes and leave the same memory behind, for a million inputs.
import assert from "node:assert/strict";
import {
  APDU_W_NE,
  ARGUMENTS,
  ATR_BATCH,
  ATR_ROW_WORDS,
  COMMAND,
  CRC_VARIANTS,
  EDC_CRC,
  EDC_LRC,
  RECEIVE,
  RESPONSE,
  RESULT,
  SCRATCH,
  SCRATCH_2,
  SEND,
  SLOT_BYTES,
  T0_STATE,
  T0A_W_RESPONSE_LENGTH,
  T1_W_ANNOUNCED,
} from "../../core-as/abi.ts";
import { toHex } from "../../src/bytes.ts";
import { SEED } from "../core/cores.ts";
import { DuelInput } from "../core/duel_input.ts";
import { cardAnswer } from "../core/duel_t1_card.ts";
import { type BlockCheck, blockCheck } from "../oracle/crc.ts";
import {
  anyAtr,
  both,
  clear,
  cores,
  put,
  random,
  randomBytes,
  same,
} from "./twins.ts";

const HANDLE = 7;
const [{ bytes: memory, words, exports: { slot } }] = cores;
const SLOT = slot(HANDLE);
let inputs = 0;

Deno.test("ATRs", () => {
  for (let batch = 0; batch < 800; batch++) {
    let at = SCRATCH;
    for (let i = 0; i < ATR_BATCH; i++) {
      const atr = anyAtr();
      put([atr.length], at);
      put(atr, at + 1);
      at += 1 + atr.length;
    }
    both(({ atr_batch }) => atr_batch(at - SCRATCH), () => `batch ${batch}`);
    inputs += ATR_BATCH;
    same(SCRATCH_2, 4 * ATR_ROW_WORDS * ATR_BATCH, () => `batch ${batch}`);
  }
  for (let i = 0; i < 20_000; i++) {
    const atr = anyAtr();
    put(atr, SCRATCH);
    const what = () => toHex(atr);
    both(({ atr_parse }) => atr_parse(atr.length), what);
    same(RESULT, 4 * ATR_ROW_WORDS, what);
    both(({ atr_emv }) => atr_emv(i & 1), what);
    same(RESULT, 4 * ATR_ROW_WORDS, what);
    inputs++;
  }
});

Deno.test("APDUs", () => {
  for (let i = 0; i < 200_000; i++) {
    const length = random.below(random.chance(0.1) ? 300 : 12);
    const apdu = randomBytes(length);
    if (random.chance(0.5) && length > 4) {
      apdu[4] = random.chance(0.3) ? 0 : length - 5 - random.below(2);
    }
    put(apdu, SCRATCH);
    const what = () => toHex(apdu);
    both(({ apdu_parse }) => apdu_parse(length), what);
    same(RESULT, 4 * APDU_W_NE + 4, what);
    inputs++;
  }
});

Deno.test("PPS, check bytes, times and choices", () => {
  for (let i = 0; i < 100_000; i++) {
    const pps = randomBytes(4);
    const length = both(
      ({ pps_build }) =>
        pps_build(pps[0] & 15, pps[1] - 128, pps[2] - 128, pps[3] - 128),
      () => toHex(pps),
    );
    same(SCRATCH, length, () => toHex(pps));
    const response = memory.slice(SCRATCH, SCRATCH + length);
    if (random.chance(0.7)) response[random.below(length)] ^= random.below(256);
    put(response, SCRATCH_2);
    both(({ pps_check }) => pps_check(length), () => toHex(response));
    inputs++;
  }
  for (let i = 0; i < 100_000; i++) {
    const length = random.below(random.chance(0.1) ? 300 : 40);
    const bytes = randomBytes(length);
    put(bytes, SCRATCH);
    both(({ edc_lrc }) => edc_lrc(length), () => toHex(bytes));
    const variant = random.below(CRC_VARIANTS);
    both(({ edc_crc }) => edc_crc(variant, length), () => toHex(bytes));
    inputs++;
  }
  for (let i = 0; i < 20_000; i++) {
    const choose = (values: number[]) => random.pick(values);
    const words = [
      choose([372, 512, 2048]),
      choose([1, 12, 64]),
      choose([372, 512, 2048]),
      choose([1, 12, 64]),
      1 + random.below(20_000),
      random.below(256),
      random.below(256),
      random.below(10),
      random.below(16),
      random.below(2),
      random.below(3) - 1,
      random.below(2),
    ];
    for (const core of cores) {
      core.words.set(words, ARGUMENTS >> 2);
      core.exports.timing_compute();
    }
    same(RESULT, 128, () => words.join());
    // The same words serve as a choice: protocols, TA1, TA2, rates.
    const offer = [3, 3, 0, random.below(257) - 1, random.below(257) - 1];
    for (const core of cores) core.words.set(offer, ARGUMENTS >> 2);
    both(({ select_protocol }) => select_protocol(), () => offer.join());
    same(RESULT, 12, () => offer.join());
    inputs += 2;
  }
});

/** The CRC's variants in the order of their numbers. */
const CRCS: readonly BlockCheck[] = [
  "13239",
  "no-complement",
  "arc-faulty",
  "arc",
  "zero-start",
];

Deno.test("T=1: blocks", () => {
  clear(SLOT, SLOT_BYTES);
  let before = new Uint8Array(0);
  for (let blocks = 0; blocks < 200_000;) {
    const edc = random.chance(0.3) ? EDC_LRC : EDC_CRC;
    const variant = random.below(CRC_VARIANTS);
    const check = edc === EDC_LRC ? "LRC" : CRCS[variant];
    // A negative variant has to be found out.
    const told = random.chance(0.3) ? -1 : variant;
    const [ifsc, ifsd] = [1 + random.below(32), random.pick([0, 32, 254])];
    const flags = random.below(8);
    for (const { exports } of cores) {
      exports.t1_reset(HANDLE, ifsc, ifsd, edc, told, flags, 9);
    }
    const command = randomBytes(1 + random.below(60));
    put(command, SLOT + COMMAND);
    const input = new DuelInput(randomBytes(120));
    let event = both(
      ({ t1_start }) => t1_start(HANDLE, 1, command.length),
      () => "t1_start",
    );
    let length = event === 1
      ? both(({ t1_build }) => t1_build(HANDLE, 0), () => "t1_build")
      : 0;
    const inOneCall = random.chance(0.5);
    while (length > 0 && !input.isOver) {
      const sent = memory.slice(SLOT + SEND, SLOT + SEND + length);
      const answer = cardAnswer(input.byte(), input, {
        sent,
        expected: words[(SLOT >> 2) + 4],
        before,
        nad: 0,
        seal: (body) => Uint8Array.of(...body, ...blockCheck(check, body)),
      });
      before = answer;
      put(answer, SLOT + RECEIVE);
      const what = () => `${toHex(sent)} answered by ${toHex(answer)}`;
      if (inOneCall) {
        length = both(({ t1_step }) => t1_step(HANDLE, answer.length), what);
      } else {
        event = both(
          ({ t1_digest }) => t1_digest(HANDLE, 0, answer.length),
          what,
        );
        length = event === 1
          ? both(({ t1_build }) => t1_build(HANDLE, 0), what)
          : 0;
      }
      same(SLOT, 4 * (T1_W_ANNOUNCED + 1), what);
      same(SLOT + SEND, 272, what);
      same(SLOT + RESPONSE, 600, what);
      blocks++;
      inputs++;
    }
  }
});

Deno.test("T=0: pieces, and TPDUs of APDUs", () => {
  clear(SLOT, SLOT_BYTES);
  const state = (T0A_W_RESPONSE_LENGTH + 1) * 4 + 256;
  for (let pieces = 0; pieces < 100_000;) {
    const tpdu = randomBytes(5 + (random.chance(0.5) ? random.below(20) : 0));
    tpdu[0] = 0;
    tpdu[1] &= 0x3f;
    if (tpdu.length > 5) tpdu[4] = tpdu.length - 5;
    put(tpdu, SLOT + COMMAND);
    const isApdu = random.chance(0.3);
    const uicc = random.below(2);
    const le = tpdu.length > 5 ? 0 : tpdu[4];
    let event = both(
      (exports) =>
        isApdu
          ? exports.t0_apdu_start(HANDLE, tpdu.length, uicc)
          : exports.t0_start(HANDLE, tpdu.length, le, 4),
      () => toHex(tpdu),
    );
    for (let turn = 0; event === 1 && turn < 12; turn++) {
      both(
        (exports) =>
          isApdu
            ? exports.t0_apdu_build(HANDLE, 0)
            : exports.t0_build(HANDLE, 0),
        () => toHex(tpdu),
      );
      same(SLOT + SEND, 264, () => toHex(tpdu));
      const ins = tpdu[1];
      const procedure = [ins, ins ^ 0xff, 0x60, 0x61, 0x6c, 0x90];
      const piece = randomBytes(random.below(8));
      // SW1 stands last but one, a procedure byte first.
      const place = isApdu ? piece.length - 2 : 0;
      if (place >= 0 && place < piece.length) {
        piece[place] = random.pick(isApdu ? procedure.slice(3) : procedure);
      }
      put(piece, SLOT + RECEIVE);
      const what = () => `${toHex(tpdu)} answered by ${toHex(piece)}`;
      event = both(
        (exports) =>
          isApdu
            ? exports.t0_apdu_digest(HANDLE, 0, piece.length)
            : exports.t0_digest(HANDLE, 0, piece.length),
        what,
      );
      same(SLOT + T0_STATE, state, what);
      same(SLOT + RESPONSE, 300, what);
      pieces++;
      inputs++;
    }
  }
});

Deno.test("these were a million inputs", () => {
  console.log(`${inputs} inputs, seed ${SEED}`);
  assert.ok(inputs >= 1_000_000, `${inputs} inputs`);
});
