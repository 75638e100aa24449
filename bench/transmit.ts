/**
 * One short APDU to a card and back: through the whole house, and floor by floor.
 *
 * @module
 */

import { MACHINE_TRANSFER, T0Exchange, T1Session } from "../src/core/mod.ts";
import { AnsweringCard } from "./answering_card.ts";
import { cardAlone } from "./card_alone.ts";
import { asynchronous, type Contender, synchronous } from "./harness.ts";
import {
  ANSWER,
  ANSWER_BYTES,
  checkAnswer,
  COMMAND,
  type House,
  ioctlTransmit,
  openHouse,
  type Protocol,
  protocolBit,
} from "./house.ts";
import { pinToOneProcessor } from "./pin.ts";
import { rivalMissing, RivalPcscd } from "./pcscd.ts";
import { PcscLite, type RivalConnection } from "./pcsclite.ts";
import { measureRows, type Report, type Rival, type Work } from "./results.ts";
import { block } from "./t1_recording.ts";

const GROUP = "APDU";
const RIVAL =
  "pcscd with vpcd, libpcsclite by FFI, blocking; crosses two processes, all on one CPU: to pcscd, and on to a card in C that always answers";

/** Runs the bench. */
export async function benchTransmit(report: Report): Promise<void> {
  await using rivals = await openRivals();
  if (rivals.missing !== null) {
    const work = "transmit through pcscd and vpcd";
    report.skip({ group: GROUP, work, reason: rivals.missing });
  }
  for (const protocol of ["t1", "t0"] as const) {
    const rival = await rivals.pcsc?.connect(
      rivals.reader,
      protocolBit(protocol),
    );
    const contender = rival === undefined ? null : rivalContender(rival);
    try {
      await benchProtocol(report, protocol, contender);
    } finally {
      rival?.close();
    }
  }
}

/** Either the way to pcscd, or why there is none. */
interface Rivals extends AsyncDisposable {
  readonly pcsc: PcscLite | null;
  readonly reader: string;
  readonly missing: string | null;
}

async function openRivals(): Promise<Rivals> {
  await using stack = new AsyncDisposableStack();
  // The best that the rival can have; ours does not care.
  stack.use(pinToOneProcessor());
  let missing = rivalMissing();
  let pcsc: PcscLite | null = null;
  let reader = "";
  if (missing === null) {
    try {
      ({ reader } = stack.use(await RivalPcscd.start()));
      pcsc = stack.use(new PcscLite());
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      missing = error.message;
    }
  }
  const opened = stack.move();
  return {
    pcsc,
    reader,
    missing,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function benchProtocol(
  report: Report,
  protocol: Protocol,
  rival: Contender | null,
): Promise<void> {
  const label = protocol === "t1" ? "T=1" : "T=0";
  const rivals = rival === null ? [] : [{ contender: rival }];
  const files = await openHouse(protocol);
  const canned = await openHouse(protocol, new AnsweringCard(protocol));
  const device = synchronous(
    "IOCTL_SMARTCARD_TRANSMIT to the virtual reader",
    ioctlTransmit(canned.reader, protocol),
  );
  const core = protocol === "t1" ? coreT1() : coreT0();
  const work = (
    part: string,
    ours: Contender,
    rivals: Rival[] = [],
  ): Work => ({
    group: GROUP,
    work: `READ BINARY 32, ${label}: ${part}`,
    ours,
    rivals,
    operations: 1,
  });
  await measureRows(report, [
    work("transmit, card with files", webContender(files), rivals),
    work("transmit, card that always answers", webContender(canned), rivals),
  ]);
  await measureRows(report, [
    work("transmit, for the split below", webContender(canned)),
    work("share of resource manager and below", engineContender(canned)),
    work("share of driver library, driver, core", device),
    work("share of core", core),
    work("card with files, without reader", cardAlone(protocol)),
  ]);
}

function webContender({ web }: House): Contender {
  return asynchronous(
    "SmartCardConnection.transmit, awaited, all in one process",
    () => web.transmit(COMMAND),
  );
}

function engineContender({ engine }: House): Contender {
  return synchronous("Connection.transmit, without waiting", () => {
    const answer = engine.transmit(COMMAND);
    if (answer instanceof Promise || answer.length !== ANSWER_BYTES) {
      throw new Error("Cannot measure: no answer at once");
    }
  });
}

function rivalContender(rival: RivalConnection): Contender {
  checkAnswer(rival.answer.subarray(0, rival.transmit(COMMAND)));
  return synchronous(RIVAL, () => {
    rival.transmit(COMMAND);
  });
}

function coreT1(): Contender {
  const session = new T1Session({ ifscBytes: 254 });
  const answers = [block(0x00, ANSWER, false), block(0x40, ANSWER, false)];
  const { receive } = session.machine;
  const response = new Uint8Array(ANSWER_BYTES);
  let number = 0;
  return synchronous("T1Session, against a card that plays back", () => {
    session.start(COMMAND);
    session.build();
    const answer = answers[number];
    number ^= 1;
    receive.set(answer);
    if (session.digest(answer.length) !== 0) {
      throw new Error("Cannot measure: T=1 failed");
    }
    session.copyResponse(response, 0);
  });
}

function coreT0(): Contender {
  const exchange = new T0Exchange();
  const answer = Uint8Array.of(COMMAND[1], ...ANSWER);
  const { receive } = exchange.machine;
  const response = new Uint8Array(ANSWER_BYTES);
  return synchronous("T0Exchange, against a card that plays back", () => {
    let at = 0;
    let event = exchange.start(COMMAND);
    while (event === MACHINE_TRANSFER) {
      exchange.build();
      const { wanted } = exchange;
      const end = Math.min(at + wanted, answer.length);
      receive.set(answer.subarray(at, end));
      event = exchange.digest(end - at);
      at = end;
    }
    if (event !== 0) throw new Error("Cannot measure: T=0 failed");
    exchange.copyResponse(response, 0);
  });
}
