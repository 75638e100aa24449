/**
 * Reading a JSON document, member by member; nothing of it is trusted.
 *
 * @module
 */

import { fromHex } from "../bytes.ts";
import { ResourceManagerError } from "../resource_manager/mod.ts";
import { type CardType, toCardType } from "./card_type.ts";
import {
  DOCUMENT_FORMAT,
  DOCUMENT_VERSION,
  type ReaderDocument,
} from "./document.ts";
import { describe, misuse, quote } from "./misuse.ts";
import { checkName, checkReaderName } from "./names.ts";

/** A document, checked: every part by itself can be kept. */
export interface DocumentContent {
  /** Readers, in order. */
  readonly readers: readonly ReaderDocument[];
  /** Card types, in order. */
  readonly cardTypes: readonly CardType[];
}

/** Members of an object that has exactly these. */
type Members<Name extends string> = Readonly<Record<Name, unknown>>;

/**
 * Checks a document.
 *
 * @param document text, or what `JSON.parse` made of it
 * @throws {ResourceManagerError} SCARD_E_INVALID_VALUE or the code of the member at
 * fault, which the message names by its path
 */
export function readDocument(document: unknown): DocumentContent {
  const value = typeof document === "string" ? parse(document) : document;
  const { format, version, readers, cardTypes } = members(value, "$", [
    "format",
    "version",
    "readers",
    "cardTypes",
  ]);
  if (format !== DOCUMENT_FORMAT) {
    throw wrong("$.format", describe(format), quote(DOCUMENT_FORMAT));
  }
  if (version !== DOCUMENT_VERSION) {
    throw wrong("$.version", describe(version), String(DOCUMENT_VERSION));
  }
  return {
    readers: list(readers, "$.readers", readReader),
    cardTypes: list(cardTypes, "$.cardTypes", readCardType),
  };
}

/**
 * Runs `action`; what it throws names the member of the document that it was about.
 */
export function within<R>(path: string, action: () => R): R {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof ResourceManagerError)) throw cause;
    throw new ResourceManagerError(
      cause.name,
      `Cannot import the smart card database: ${path}: ${cause.message}`,
      { cause },
    );
  }
}

function readReader(value: unknown, path: string): ReaderDocument {
  const found = members(value, path, ["name", "device", "automatic", "groups"]);
  const { automatic } = found;
  if (typeof automatic !== "boolean") {
    throw wrong(`${path}.automatic`, describe(automatic), "true or false");
  }
  const attempt = "introduce a reader";
  return {
    name: within(`${path}.name`, () => checkReaderName(found.name, attempt)),
    device: within(
      `${path}.device`,
      () => checkName(found.device, "device name", attempt),
    ),
    automatic,
    groups: list(
      found.groups,
      `${path}.groups`,
      (group, at) => within(at, () => checkName(group, "group name", attempt)),
    ),
  };
}

function readCardType(value: unknown, path: string): CardType {
  const found = members(value, path, [
    "name",
    "atr",
    "mask",
    "primaryProvider",
    "interfaces",
    "providers",
  ]);
  const atr = readBytes(found.atr, `${path}.atr`);
  const mask = found.mask === null
    ? null
    : readBytes(found.mask, `${path}.mask`);
  const primaryProvider = found.primaryProvider === null
    ? null
    : readText(found.primaryProvider, `${path}.primaryProvider`);
  const interfaces = list(found.interfaces, `${path}.interfaces`, readText);
  const providers = list(found.providers, `${path}.providers`, readProvider);
  assertDistinct(providers.map(([id]) => id), `${path}.providers`);
  const name = readText(found.name, `${path}.name`);
  return within(
    path,
    () =>
      toCardType({ name, atr, mask, primaryProvider, interfaces, providers }),
  );
}

function readProvider(value: unknown, path: string): [number, string] {
  const { id, name } = members(value, path, ["id", "name"]);
  if (typeof id !== "number") {
    throw wrong(`${path}.id`, describe(id), "a number");
  }
  return [id, readText(name, `${path}.name`)];
}

function readText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  throw wrong(path, describe(value), "a string");
}

function readBytes(value: unknown, path: string): Uint8Array {
  const text = readText(value, path);
  if (/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return fromHex(text);
  throw wrong(path, describe(text), "pairs of hexadecimal digits");
}

function assertDistinct(ids: readonly number[], path: string): void {
  if (new Set(ids).size === ids.length) return;
  throw wrong(path, "a number twice", "each number once");
}

function list<T>(
  value: unknown,
  path: string,
  read: (entry: unknown, path: string) => T,
): T[] {
  if (!Array.isArray(value)) throw wrong(path, describe(value), "an array");
  return Array.from(value, (entry, i) => read(entry, `${path}[${i}]`));
}

function members<Name extends string>(
  value: unknown,
  path: string,
  names: readonly Name[],
): Members<Name> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrong(path, describe(value), "an object");
  }
  const found = new Map<string, unknown>(Object.entries(value));
  for (const name of names) {
    if (!found.has(name)) throw wrong(`${path}.${name}`, "missing", "it there");
  }
  for (const name of found.keys()) {
    if ((names as readonly string[]).includes(name)) continue;
    throw wrong(path, `a member ${quote(name)}`, names.join(", "));
  }
  return Object.fromEntries(names.map((name) => [name, found.get(name)])) as
    & Members<Name>
    & Record<string, unknown>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ResourceManagerError(
      "SCARD_E_INVALID_VALUE",
      `Cannot import the smart card database: ${
        describe(text)
      } is no JSON text, expected a document`,
      { cause },
    );
  }
}

function wrong(path: string, found: string, expected: string): Error {
  return misuse(
    "SCARD_E_INVALID_VALUE",
    "import the smart card database",
    `${path} is ${found}`,
    expected,
  );
}
