/**
 * Cards by name or file: what `--virtual`, `card` and `replay` take.
 *
 * @module
 */

import { type CardData, createCard, ProtocolCard } from "../cards/mod.ts";
import {
  parseRecording,
  parseTrace,
  type Recording,
  recordingOf,
  ReplayedCard,
  type ReplayMode,
} from "../tracing/mod.ts";
import {
  builtInCard,
  type CardSource,
  protocolCard,
} from "./built_in_cards.ts";
import { CliError } from "./exit_codes.ts";

/** The card of a recording. */
export function recordedCard(
  recording: Recording,
  words: string,
  mode: ReplayMode = "lookup",
  onMismatch?: (message: string) => void,
): CardSource {
  const card = new ReplayedCard(recording, {
    mode,
    onMismatch: ({ message }) => onMismatch?.(message),
  });
  const { atr } = card;
  return {
    words,
    contact: () =>
      new ProtocolCard(card.application, { atr, t0: { envelope: false } }),
    apdu: () => card,
  };
}

/** Reads a file of text. @throws {CliError} naming it */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Why a file could not be read, as a failure of the command. */
export function unreadable(path: string, error: unknown): CliError {
  const isMissing = error instanceof Deno.errors.NotFound;
  const isDenied = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
  const found = isMissing
    ? "no such file"
    : isDenied
    ? "permission denied"
    : String(error instanceof Error ? error.message : error);
  return new CliError(
    isDenied ? "denied" : "usage",
    `Cannot read ${
      JSON.stringify(path)
    }: ${found}, expected a file that can be read`,
    error,
  );
}

/** The recording in a text: one as JSON, or the JSON lines of a trace. @throws {CliError} naming the file */
export function recordingIn(path: string, text: string): Recording {
  const isTrace = /^\s*\{"v":/.test(text);
  try {
    const recording = isTrace
      ? recordingOf(parseTrace(text.split("\n")))
      : parseRecording(text);
    if (recording.resets.length === 0) {
      throw new RangeError(
        "Cannot read recording: no reset found, expected at least one",
      );
    }
    return recording;
  } catch (error) {
    throw inFile(path, error);
  }
}

/** A failure to understand a file, which the message names. */
export function inFile(path: string, error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error);
  return new CliError("usage", `${path}: ${message}`, error);
}

function isRecording(text: string): boolean {
  return /^\s*\{"v":/.test(text) ||
    /^\s*\{\s*"format":\s*"deno-smartcard recording"/.test(text);
}

/**
 * The card of this name, or in this file: card data, a recording, or a trace.
 *
 * @param name as {@linkcode builtInCard} has it, or a path; empty: the default card
 * @throws {CliError} when there is no such card, or the file holds none
 */
export async function cardSource(name: string): Promise<CardSource> {
  let builtIn: CardSource | null;
  try {
    builtIn = builtInCard(name || "default");
  } catch (error) {
    throw error instanceof CliError ? error : inFile(name, error);
  }
  if (builtIn !== null) return builtIn;
  const text = await readText(name);
  if (isRecording(text)) {
    return recordedCard(recordingIn(name, text), `the recording ${name}`);
  }
  try {
    const data = parseJson(text) as CardData;
    return protocolCard(createCard(data), `the card of ${name}`);
  } catch (error) {
    throw inFile(name, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new TypeError(
      `Cannot read card data: ${problem}, expected JSON`,
      { cause: error },
    );
  }
}
