/**
 * Test oracle: APDUs carried by T=0 TPDUs, from the reader's side (ISO/IEC
 * 7816-3 clause 12). Written for obvious correctness, not for speed.
 *
 * @module
 */

/**
 * What the reader does next. `tpdu`: header of 5 bytes, and data; `le`: bytes
 * the card is to send in answer to that TPDU, 0..256; `response`: data and SW1
 * SW2 of the R-APDU.
 */
export type T0ApduStep =
  | { kind: "tpdu"; tpdu: Uint8Array; le: number }
  | { kind: "done"; response: Uint8Array }
  | { kind: "failed"; reason: "apdu" | "cla" | "ins" | "tpdu-response" };

/**
 * Parts of a C-APDU: CLA INS P1 P2, the Nc bytes of data, and Ne as a number (0
 * = none).
 */
type Command = { header: number[]; data: number[]; ne: number };

/** Data and status of one TPDU, or of the whole exchange. */
type Answer = { data: number[]; sw1: number; sw2: number };

/**
 * A part of the exchange: asks for TPDUs to be carried and comes to `Result`.
 */
type Exchange<Result> = Generator<T0ApduStep, Result, Uint8Array>;

class BadTpduResponse extends Error {}

/**
 * The C-APDU by the table of 12.1, in the table's order; undefined if no case
 * fits.
 */
function parseCommand(apdu: Uint8Array): Command | undefined {
  if (apdu.length < 4) return undefined;
  const header = [...apdu.slice(0, 4)];
  const body = [...apdu.slice(4)];
  const length = body.length;

  if (length === 0) return { header, data: [], ne: 0 };
  const b1 = body[0];
  if (length === 1) return { header, data: [], ne: b1 === 0 ? 256 : b1 };
  if (b1 !== 0) {
    const data = body.slice(1, 1 + b1);
    if (length === 1 + b1) return { header, data, ne: 0 };
    const le = body[length - 1];
    if (length === 2 + b1) return { header, data, ne: le === 0 ? 256 : le };
    return undefined;
  }
  if (length < 3) return undefined;
  const b2b3 = body[1] * 256 + body[2];
  if (length === 3) return { header, data: [], ne: b2b3 === 0 ? 65536 : b2b3 };
  if (b2b3 === 0) return undefined;
  const data = body.slice(3, 3 + b2b3);
  if (length === 3 + b2b3) return { header, data, ne: 0 };
  const le = body[length - 2] * 256 + body[length - 1];
  if (length === 5 + b2b3) return { header, data, ne: le === 0 ? 65536 : le };
  return undefined;
}

/** The number of bytes that SW2 of 61xx and 6Cxx announces: 00 is 256. */
function announced(sw2: number): number {
  return sw2 === 0 ? 256 : sw2;
}

/** Carries one TPDU. More data than `le`, or no SW1 SW2, is no answer to it. */
function* transmit(tpdu: number[], le: number): Exchange<Answer> {
  const response = [
    ...(yield { kind: "tpdu", tpdu: Uint8Array.from(tpdu), le }),
  ];
  if (response.length < 2 || response.length - 2 > le) {
    throw new BadTpduResponse();
  }
  const [sw1, sw2] = response.slice(-2);
  return { data: response.slice(0, -2), sw1, sw2 };
}

/**
 * A TPDU that asks for `le` bytes, 1..256; asked again once if the card names
 * another length.
 */
function* fetchData(header: number[], le: number): Exchange<Answer> {
  const answer = yield* transmit([...header, le % 256], le);
  if (answer.sw1 !== 0x6c || answer.data.length > 0) return answer;
  return yield* transmit([...header, answer.sw2], announced(answer.sw2));
}

/**
 * GET RESPONSE for `le` bytes, and again while the card has more and fewer than
 * `ne` bytes are collected. A GET RESPONSE that brings nothing but 61xx would
 * go on for ever: it is the last.
 */
function* getResponses(
  cla: number,
  firstLe: number,
  ne: number,
  before: number[],
): Exchange<Answer> {
  let le = firstLe;
  let data = before;
  for (;;) {
    const answer = yield* fetchData([cla, 0xc0, 0x00, 0x00], le);
    data = [...data, ...answer.data];
    const goesOn = answer.sw1 === 0x61 && answer.data.length > 0 &&
      data.length < ne;
    if (!goesOn) return { ...answer, data };
    le = Math.min(announced(answer.sw2), ne - data.length);
  }
}

/**
 * Case 2: with Ne up to 256 one TPDU, beyond that the card may have more to
 * give by 61xx.
 */
function* case2({ header, ne }: Command): Exchange<Answer> {
  if (ne <= 256) return yield* fetchData(header, ne);
  const first = yield* fetchData(header, 256);
  if (first.sw1 !== 0x61) return first;
  const le = Math.min(announced(first.sw2), ne - first.data.length);
  return yield* getResponses(header[0], le, ne, first.data);
}

/**
 * Brings the command data to the card: in the TPDU, or the whole C-APDU in
 * ENVELOPEs.
 */
function* sendData(
  apdu: number[],
  { header, data }: Command,
): Exchange<Answer & { last: boolean }> {
  if (data.length <= 255) {
    const answer = yield* transmit([...header, data.length, ...data], 0);
    return { ...answer, last: true };
  }
  for (let at = 0;; at += 255) {
    const segment = apdu.slice(at, at + 255);
    const last = at + 255 >= apdu.length;
    const answer = yield* transmit([
      header[0],
      0xc2,
      0x00,
      0x00,
      segment.length,
      ...segment,
    ], 0);
    const ok = answer.sw1 === 0x90 && answer.sw2 === 0x00;
    if (last || !ok) return { ...answer, last };
  }
}

/**
 * Case 4, once the command data are with the card and it answered `sent`:
 * fetches the data.
 */
function* fetchCase4(
  { header, ne }: Command,
  sent: Answer,
  uicc: boolean,
): Exchange<Answer> {
  const cla = header[0];
  if (sent.sw1 === 0x90 && sent.sw2 === 0x00) {
    return yield* getResponses(cla, Math.min(ne, 256), ne, []);
  }
  if (sent.sw1 === 0x61) {
    return yield* getResponses(cla, Math.min(announced(sent.sw2), ne), ne, []);
  }
  if (uicc && (sent.sw1 === 0x62 || sent.sw1 === 0x63)) {
    // ETSI TS 102 221: the warning is the command's status, 9000 only that of
    // GET RESPONSE.
    const fetched = yield* getResponses(cla, 256, ne, []);
    const ok = fetched.sw1 === 0x90 && fetched.sw2 === 0x00;
    return ok ? { data: fetched.data, sw1: sent.sw1, sw2: sent.sw2 } : fetched;
  }
  return sent;
}

function* carry(
  apdu: number[],
  command: Command,
  uicc: boolean,
): Exchange<Answer> {
  if (command.data.length === 0) {
    return command.ne === 0
      ? yield* transmit([...command.header, 0x00], 0)
      : yield* case2(command);
  }
  const sent = yield* sendData(apdu, command);
  if (command.ne === 0 || !sent.last) return sent;
  return yield* fetchCase4(command, sent, uicc);
}

function* exchange(apdu: Uint8Array, uicc: boolean): Exchange<T0ApduStep> {
  const command = parseCommand(apdu);
  if (command === undefined) return { kind: "failed", reason: "apdu" };
  const [cla, ins] = command.header;
  if (cla === 0xff) return { kind: "failed", reason: "cla" };
  if (ins >> 4 === 0x6 || ins >> 4 === 0x9) {
    return { kind: "failed", reason: "ins" };
  }
  try {
    const { data, sw1, sw2 } = yield* carry([...apdu], command, uicc);
    const response = Uint8Array.from([...data.slice(0, command.ne), sw1, sw2]);
    return { kind: "done", response };
  } catch (error) {
    if (error instanceof BadTpduResponse) {
      return { kind: "failed", reason: "tpdu-response" };
    }
    throw error;
  }
}

/**
 * The mapping of one C-APDU (12.2): GET RESPONSE, 6Cxx and ENVELOPE included.
 * `start` once, then `answer` with what each TPDU brought until the step is
 * `done` or `failed`.
 */
export class OracleT0Apdu {
  readonly #exchange: Exchange<T0ApduStep>;

  /**
   * `uicc`: warnings 62xx and 63xx of a case 4 command are followed by GET
   * RESPONSE.
   */
  constructor(apdu: Uint8Array, options: { uicc: boolean }) {
    this.#exchange = exchange(apdu.slice(), options.uicc);
  }

  /** The first TPDU, or the reason why this C-APDU is refused. */
  start(): T0ApduStep {
    return this.#step(new Uint8Array(0));
  }

  /** Takes data and SW1 SW2 that the last TPDU brought. */
  answer(response: Uint8Array): T0ApduStep {
    return this.#step(response);
  }

  #step(response: Uint8Array): T0ApduStep {
    const { value } = this.#exchange.next(response);
    // A generator that has returned yields nothing more.
    if (value === undefined) throw new Error("the APDU is already over");
    return value;
  }
}
