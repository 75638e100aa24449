/**
 * APDUs over the TPDUs of T=0, from the card's side (ISO/IEC 7816-3 12.2).
 *
 * @module
 */
import {
  chain,
  copyBytes,
  equalBytes,
  type MaybePromise,
  NO_BYTES,
} from "../bytes.ts";
import {
  type CardApplication,
  type CommandCase,
  isoCommandCase,
  runApplication,
} from "./application.ts";
import { BytePool } from "./byte_pool.ts";
import { T0Envelope } from "./t0_envelope.ts";

/** What goes back for one TPDU. */
export interface T0Answer {
  /** Data bytes, at most as many as P3 asks for; a view of what the application gave or of what is kept. */
  readonly data: Uint8Array;
  /** SW1 SW2. */
  readonly status: number;
}

/** How the card maps APDUs. */
export interface T0TransportOptions {
  /** Whether ENVELOPE carries extended APDUs; default true. */
  readonly envelope?: boolean;
}

const INS_GET_RESPONSE = 0xc0;
const INS_ENVELOPE = 0xc2;
/** Turns TPDUs into commands for an application: GET RESPONSE, 61xx, 6Cxx and ENVELOPE are made here. Lives from reset to reset. */
export class T0Transport {
  readonly #application: CardApplication;
  readonly #envelope: T0Envelope | null;
  readonly #commands = new BytePool();
  /** Response bytes that GET RESPONSE will fetch, and the status after the last of them. */
  #waiting: T0Answer | null = null;
  /** A response refused with 6Cxx, kept so that the same command with the right P3 does not run twice. */
  #refused: { header: Uint8Array; answer: T0Answer } | null = null;

  /** Commands run in `application`. */
  constructor(application: CardApplication, options: T0TransportOptions = {}) {
    this.#application = application;
    this.#envelope = options.envelope === false ? null : new T0Envelope();
  }

  /** Whether the P3 bytes that the header announces come from the reader; P3 = 0 announces none. */
  isIncoming(header: Uint8Array): boolean {
    if (isIllegalHeader(header) || header[4] === 0) return false;
    if (header[1] === INS_GET_RESPONSE) return false;
    if (header[1] === INS_ENVELOPE && this.#envelope !== null) return true;
    return this.#caseOf(header) >= 3;
  }

  /** The C-APDU that a TPDU stands for, as far as the card can tell. */
  commandOf(header: Uint8Array, data: Uint8Array): Uint8Array {
    const commandCase = this.#caseOf(header);
    if (data.length === 0) {
      const isCase1 = header[4] === 0 && commandCase !== 2;
      return this.#commands.copy(header, 0, isCase1 ? 4 : 5);
    }
    // Le is not sent in case 4S: all the data that there are, please.
    const le = commandCase === 4 ? 1 : 0;
    const command = this.#commands.take(header.length + data.length + le);
    copyBytes(header, 0, header.length, command, 0);
    copyBytes(data, 0, data.length, command, header.length);
    return command;
  }

  /** Answers a TPDU whose data, if any, have come in. */
  process(header: Uint8Array, data: Uint8Array): MaybePromise<T0Answer> {
    if (header[0] === 0xff) return only(0x6e00);
    if (isIllegalHeader(header)) return only(0x6d00);
    if (header[1] === INS_GET_RESPONSE) return this.#getResponse(header[4]);
    const refused = this.#refused;
    this.#waiting = null;
    this.#refused = null;
    if (header[1] === INS_ENVELOPE && this.#envelope !== null) {
      return this.#unwrap(this.#envelope, data);
    }
    this.#envelope?.clear();
    if (
      refused !== null && header[4] === refused.answer.data.length &&
      equalBytes(header.subarray(0, 4), refused.header.subarray(0, 4))
    ) return refused.answer;
    return chain(
      runApplication(this.#application, this.commandOf(header, data)),
      (response) => this.#deliver(header, data, split(response)),
    );
  }

  #caseOf(header: Uint8Array): CommandCase {
    try {
      return this.#application.commandCase?.(header) ?? isoCommandCase(header);
    } catch {
      return isoCommandCase(header);
    }
  }

  #deliver(header: Uint8Array, data: Uint8Array, answer: T0Answer): T0Answer {
    const available = answer.data.length;
    if (available === 0) return answer;
    const isOutgoing = data.length === 0 &&
      (header[4] !== 0 || this.#caseOf(header) === 2);
    if (!isOutgoing) return this.#keep(answer);
    const wanted = header[4] === 0 ? 256 : header[4];
    if (available === wanted) return answer;
    if (available > wanted) return this.#part(kept(answer), wanted);
    // With the right P3 the end of the file is not a warning any more.
    const status = answer.status === 0x6282 ? 0x9000 : answer.status;
    this.#refused = {
      header: header.slice(),
      answer: { ...kept(answer), status },
    };
    return only(0x6c00 | available);
  }

  #unwrap(envelope: T0Envelope, segment: Uint8Array): MaybePromise<T0Answer> {
    const step = envelope.add(segment);
    if (step.kind === "incomplete") return only(0x9000);
    if (step.kind === "broken") return only(0x6700);
    if (step.kind === "length") {
      const { data, status } = split(step.response);
      return this.#keep({ data: data.subarray(0, step.ne), status });
    }
    return chain(
      runApplication(this.#application, step.command),
      (response) => {
        const answer = split(response);
        if (!step.mayHaveLength || answer.status !== 0x9000) {
          return this.#keep(answer);
        }
        envelope.awaitLength(response);
        return only(0x9000);
      },
    );
  }

  #getResponse(p3: number): T0Answer {
    this.#refused = null;
    const waiting = this.#waiting;
    if (waiting === null) return only(0x6985);
    const wanted = p3 === 0 ? 256 : p3;
    if (wanted > waiting.data.length) return only(0x6c00 | waiting.data.length);
    return this.#part(waiting, wanted);
  }

  /** All data must be fetched with GET RESPONSE. */
  #keep(answer: T0Answer): T0Answer {
    if (answer.data.length === 0) return answer;
    this.#waiting = kept(answer);
    return only(moreBytes(answer.data.length));
  }

  #part(answer: T0Answer, wanted: number): T0Answer {
    const rest = answer.data.subarray(wanted);
    this.#waiting = rest.length > 0 ? { ...answer, data: rest } : null;
    return {
      data: answer.data.subarray(0, wanted),
      status: rest.length > 0 ? moreBytes(rest.length) : answer.status,
    };
  }
}

/** CLA 'FF' is PPS, INS '6x' and '9x' look like SW1 (10.3.2). */
function isIllegalHeader(header: Uint8Array): boolean {
  const high = header[1] >> 4;
  return header[0] === 0xff || high === 6 || high === 9;
}

function only(status: number): T0Answer {
  return { data: NO_BYTES, status };
}

/** 61xx; xx = 00 says 256 or more. */
function moreBytes(length: number): number {
  return 0x6100 | (length >= 256 ? 0 : length);
}

function split(response: Uint8Array): T0Answer {
  const end = response.length - 2;
  const status = response[end] << 8 | response[end + 1];
  return { data: end === 0 ? NO_BYTES : response.subarray(0, end), status };
}

/** The application's response is not ours for longer than one TPDU. */
function kept({ data, status }: T0Answer): T0Answer {
  return { data: data.slice(), status };
}
