/**
 * What a card said in a session, as data and as JSON.
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { CheckedFields } from "./checked_fields.ts";

/** The member `format` of a recording. */
const FORMAT = "deno-smartcard recording";
/** Version of the JSON form. It changes when a member goes or changes its meaning; new ones may come without. */
export const RECORDING_VERSION = 1;

/** Protocol that carried an exchange. Under "t0" what is called a command is a TPDU, and GET RESPONSE stands apart. */
export type RecordedProtocol = "t0" | "t1" | "raw";

const PROTOCOLS: readonly RecordedProtocol[] = ["t0", "t1", "raw"];

/** A command and what came of it. */
export interface RecordedExchange {
  /** Protocol that carried it. */
  readonly protocol: RecordedProtocol;
  /** The C-APDU; PIN data may be blanked. */
  readonly command: Uint8Array;
  /** The R-APDU, or null when there was none. */
  readonly response: Uint8Array | null;
  /** Symbol of the NTSTATUS that the request ended with. */
  readonly status: string;
}

/** A reset, and all until the next one. */
export interface RecordedReset {
  /** With power cut or kept. */
  readonly reset: "cold" | "warm";
  /** The ATR, in logical values. */
  readonly atr: Uint8Array;
  /** In order. */
  readonly exchanges: readonly RecordedExchange[];
}

/** A session with a card. */
export interface Recording {
  /** Name of the reader. */
  readonly reader: string;
  /** Whether the recorder's limit cut it short. */
  readonly isTruncated: boolean;
  /** In order. */
  readonly resets: readonly RecordedReset[];
}

/**
 * A recording as JSON: `format`, `version`, `reader`, `isTruncated` and `resets`, a
 * list of `{ reset, atr, exchanges: [{ protocol, command, response, status }] }` with
 * bytes in hexadecimal. {@linkcode parseRecording} reads it back.
 */
export function recordingToJson(recording: Recording): string {
  const { reader, isTruncated, resets } = recording;
  const start = { format: FORMAT, version: RECORDING_VERSION, reader };
  const hex = (_: string, value: unknown) =>
    value instanceof Uint8Array ? toHex(value) : value;
  return JSON.stringify({ ...start, isTruncated, resets }, hex, 1);
}

/** Reads a recording. @throws {TypeError} naming the place that is wrong */
export function parseRecording(json: string): Recording {
  const fields = new CheckedFields("recording", parseJson(json));
  if (fields.raw("format") !== FORMAT) {
    fields.refuse("format", JSON.stringify(FORMAT));
  }
  if (fields.raw("version") !== RECORDING_VERSION) {
    fields.refuse("version", `${RECORDING_VERSION}`);
  }
  return {
    reader: fields.text("reader"),
    isTruncated: fields.flag("isTruncated"),
    resets: fields.list("resets").map(parseReset),
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new TypeError("Cannot read recording: no JSON found, expected JSON", {
      cause: error,
    });
  }
}

function parseReset(value: unknown, index: number): RecordedReset {
  const what = `recording, reset ${index}`;
  const fields = new CheckedFields(what, value);
  return {
    reset: fields.choice("reset", ["cold", "warm"]),
    atr: fields.bytes("atr"),
    exchanges: fields.list("exchanges").map((value, index) =>
      parseExchange(value, `${what}, exchange ${index}`)
    ),
  };
}

function parseExchange(value: unknown, what: string): RecordedExchange {
  const fields = new CheckedFields(what, value);
  const isSilent = fields.raw("response") === null;
  return {
    protocol: fields.choice("protocol", PROTOCOLS),
    command: fields.bytes("command"),
    response: isSilent ? null : fields.bytes("response"),
    status: fields.text("status"),
  };
}
