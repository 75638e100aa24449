/**
 * T=1: 4 KiB to the card and 4 KiB back, against a card that plays back.
 *
 * Every contender builds each block, has the card's next block copied into its
 * receive buffer, digests it, and in the end copies the response out. Before
 * anything is measured, each has to send exactly the recorded blocks.
 *
 * @module
 */

import { equalBytes } from "../src/bytes.ts";
import { MACHINE_DONE, MACHINE_TRANSFER, T1Session } from "../src/core/mod.ts";
import { type Contender, synchronous } from "./harness.ts";
import { compile, compiler } from "./native.ts";
import { measureRows, type Report } from "./results.ts";
import { PlainT1Reader } from "./rivals/t1_plain.ts";
import {
  block,
  EXCHANGE_BYTES,
  EXCHANGES,
  record,
  type Recording,
} from "./t1_recording.ts";

const GROUP = "T=1";

/** What the contenders have in common. */
interface Reader {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
  start(command: Uint8Array): number;
  build(): number;
  digest(length: number): number;
  copyResponse(target: Uint8Array, offset: number): number;
}

/** Runs the bench. */
export async function benchT1(report: Report): Promise<void> {
  if (compiler.version === null) {
    const reason = compiler.missing;
    report.skip({ group: GROUP, work: "T=1 reader in C", reason });
  }
  using native = compiler.version === null ? null : new NativeReaders();
  for (const edc of ["LRC", "CRC"] as const) {
    for (const ifsBytes of [254, 32]) {
      const recording = record(ifsBytes, edc === "CRC");
      using session = openSession(ifsBytes, edc);
      const ours = ourContender(session, recording);
      const plain = plainContender(
        new PlainT1Reader(ifsBytes, edc === "CRC"),
        recording,
      );
      const compiled = native?.contender(ifsBytes, edc, recording);
      await measureRows(report, [{
        group: GROUP,
        work: `T=1, 4 KiB each way, IFS ${ifsBytes}, ${edc}`,
        ours,
        rivals: compiled === undefined ? [plain] : [compiled, plain],
        operations: EXCHANGES,
      }]);
    }
  }
}

function openSession(ifsBytes: number, edc: "LRC" | "CRC"): T1Session {
  const session = new T1Session({
    ifscBytes: ifsBytes,
    edc,
    crcVariant: "13239",
  });
  if (ifsBytes === 32) return session;
  session.startIfs(ifsBytes);
  session.build();
  const answer = block(0xe1, Uint8Array.of(ifsBytes), edc === "CRC");
  session.machine.receive.set(answer);
  if (session.digest(answer.length) !== MACHINE_DONE) {
    throw new Error(`Cannot announce an IFSD of ${ifsBytes}`);
  }
  return session;
}

/** Blocks up to this length are faster copied by a loop than by `set`, in bytes. */
const LOOP_BYTES = 16;

/** The whole card: its next block comes to lie in the reader's buffer. */
function playBack(answer: Uint8Array, receive: Uint8Array): void {
  if (answer.length > LOOP_BYTES) return receive.set(answer);
  for (let i = 0; i < answer.length; i++) receive[i] = answer[i];
}

// The two loops are written out twice so that V8 compiles each for one class only.

function ourContender(session: T1Session, recording: Recording): Contender {
  const { command, card } = recording;
  const response = new Uint8Array(EXCHANGE_BYTES);
  const { send, receive } = session.machine;
  checkCycle({
    send,
    receive,
    start: (bytes) => session.start(bytes),
    build: () => session.build(),
    digest: (length) => session.digest(length),
    copyResponse: (target, offset) => session.copyResponse(target, offset),
  }, recording);
  return synchronous("T1Session, the reader's side alone", () => {
    let at = 0;
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      let event = session.start(command);
      while (event === MACHINE_TRANSFER) {
        session.build();
        const answer = card[at++];
        playBack(answer, receive);
        event = session.digest(answer.length);
      }
      session.copyResponse(response, 0);
    }
  });
}

function plainContender(
  reader: PlainT1Reader,
  recording: Recording,
): Contender {
  const { command, card } = recording;
  const response = new Uint8Array(EXCHANGE_BYTES);
  checkCycle(reader, recording);
  return synchronous("TypeScript, the usual way, without WASM", () => {
    let at = 0;
    for (let exchange = 0; exchange < EXCHANGES; exchange++) {
      let event = reader.start(command);
      while (event === 1) {
        reader.build();
        const answer = card[at++];
        playBack(answer, reader.receive);
        event = reader.digest(answer.length);
      }
      reader.copyResponse(response);
    }
  });
}

/** @throws {Error} when a block or the response is not the one expected */
function checkCycle(reader: Reader, recording: Recording): void {
  let at = 0;
  const response = new Uint8Array(EXCHANGE_BYTES);
  for (let exchange = 0; exchange < EXCHANGES; exchange++) {
    let event = reader.start(recording.command);
    while (event === 1) {
      const sent = reader.send.subarray(0, reader.build());
      if (!equalBytes(sent, recording.reader[at])) {
        throw new Error(`Cannot compare readers: block ${at} differs`);
      }
      const answer = recording.card[at++];
      reader.receive.set(answer);
      event = reader.digest(answer.length);
    }
    const length = reader.copyResponse(response, 0);
    if (
      length !== EXCHANGE_BYTES || !equalBytes(response, recording.response)
    ) {
      throw new Error("Cannot compare readers: the response differs");
    }
  }
}

const SYMBOLS = {
  t1_check: {
    // deno-fmt-ignore
    parameters: ["i32", "i32", "buffer", "i32", "buffer", "buffer", "i32", "buffer"],
    result: "i32",
  },
  t1_bench: {
    parameters: ["buffer", "i32", "buffer", "i32", "i32", "buffer"],
    result: "f64",
  },
} as const;

/** Bytes of a block in the form that the rival reads: a length of 16 bits, and the block. */
const SLOT_BYTES = 272;

function slots(blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SLOT_BYTES * blocks.length);
  blocks.forEach((block, index) => {
    bytes[SLOT_BYTES * index] = block.length;
    bytes[SLOT_BYTES * index + 1] = block.length >> 8;
    bytes.set(block, SLOT_BYTES * index + 2);
  });
  return bytes;
}

/** The reader in C, which measures itself. It has one session: the contender made last. */
class NativeReaders implements Disposable {
  readonly #library = Deno.dlopen(compile("t1", "library"), SYMBOLS);

  contender(
    ifsBytes: number,
    edc: "LRC" | "CRC",
    { command, response, reader, card }: Recording,
  ): Contender {
    const { t1_check, t1_bench } = this.#library.symbols;
    const answers = slots(card);
    const out = new Uint8Array(65538);
    const length = t1_check(
      ifsBytes,
      edc === "CRC" ? 1 : 0,
      command,
      command.length,
      answers,
      slots(reader),
      EXCHANGES,
      out,
    );
    if (
      length !== EXCHANGE_BYTES ||
      !equalBytes(out.subarray(0, length), response)
    ) {
      throw new Error("Cannot compare readers: the one in C differs");
    }
    return {
      name:
        "C -O2, the usual way: byte loops, memcpy; the same machine and checks",
      run(cycles) {
        const ns = t1_bench(
          command,
          command.length,
          answers,
          EXCHANGES,
          cycles,
          out,
        );
        if (ns < 0) throw new Error("Cannot measure: the reader in C failed");
        return ns;
      },
    };
  }

  [Symbol.dispose](): void {
    this.#library.close();
  }
}
