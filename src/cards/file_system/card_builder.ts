/**
 * Makes the files and PINs of a card out of card data.
 *
 * @module
 */
import type { AccessData } from "./card_data.ts";
import { DataReader } from "./data_reader.ts";
import {
  allDirectories,
  type CardFile,
  type Directory,
  type ElementaryCardFile,
  MASTER_FILE_ID,
  type RecordFile,
} from "./files.ts";
import { Pin } from "./pin.ts";

/** A card's memory. */
export interface CardMemory {
  readonly root: Directory;
  readonly pins: ReadonlyMap<number, Pin>;
}

/** Identifiers that ISO/IEC 7816-4 keeps for itself: MF, "current" in paths, RFU, none. */
const RESERVED_IDS = [MASTER_FILE_ID, 0x3fff, 0xffff, 0x0000];

const EF_NAMES = ["type", "id", "shortId", "read", "update"];

/**
 * Reads card data that may come from anywhere.
 *
 * @throws {TypeError} when a value has the wrong type
 * @throws {RangeError} when a value is impossible; both name the path, such as `files[1].id`
 */
export function buildCard(data: unknown): CardMemory {
  const reader = new DataReader(data, "");
  reader.allowOnly(["name", "files", "pins"]);
  const pins = new Map<number, Pin>();
  for (const element of reader.property("pins").elements()) {
    const number = element.property("number");
    if (pins.has(number.number(1, 31))) {
      number.refuse("the number of another PIN", "each number once");
    }
    pins.set(number.number(1, 31), buildPin(element));
  }
  const root: Directory = {
    kind: "directory",
    id: MASTER_FILE_ID,
    name: optionalName(reader.property("name")),
    label: null,
    parent: null,
    children: [],
  };
  fill(root, reader.property("files"), pins);
  refuseSameNames(root);
  return { root, pins };
}

function buildPin(reader: DataReader): Pin {
  reader.allowOnly([
    "number",
    "value",
    "tries",
    "minLength",
    "maxLength",
    "puk",
    "pukTries",
  ]);
  const puk = reader.property("puk");
  const minLength = reader.property("minLength").number(1, 64, 4);
  return new Pin({
    value: reader.property("value").bytes(1, 64),
    tries: reader.property("tries").number(1, 15, 3),
    minLength,
    maxLength: reader.property("maxLength").number(
      minLength,
      64,
      Math.max(minLength, 16),
    ),
    puk: puk.isAbsent ? null : puk.bytes(1, 64),
    pukTries: reader.property("pukTries").number(1, 15, 10),
  });
}

function fill(
  parent: Directory,
  files: DataReader,
  pins: ReadonlyMap<number, Pin>,
): void {
  for (const reader of files.elements()) {
    const file = buildFile(reader, parent, pins);
    for (const other of parent.children) {
      if (other.id === file.id) {
        reader.property("id").refuse("the id of a sibling", "another id");
      }
      if (
        other.kind !== "directory" && file.kind !== "directory" &&
        file.shortId !== null && other.shortId === file.shortId
      ) {
        reader.property("shortId").refuse("that of a sibling", "another one");
      }
    }
    parent.children.push(file);
  }
}

function buildFile(
  reader: DataReader,
  parent: Directory,
  pins: ReadonlyMap<number, Pin>,
): CardFile {
  const type = reader.property("type").oneOf([
    "df",
    "transparent",
    "linear-fixed",
    "linear-variable",
    "cyclic",
  ]);
  const idReader = reader.property("id");
  const id = idReader.fileId();
  if (RESERVED_IDS.includes(id)) {
    idReader.refuse("a reserved identifier", "a free one");
  }
  if (type !== "df") return buildElementary(reader, id, type, pins);
  reader.allowOnly(["type", "id", "name", "label", "files"]);
  const label = reader.property("label");
  const directory: Directory = {
    kind: "directory",
    id,
    name: optionalName(reader.property("name")),
    label: label.isAbsent ? null : label.text(),
    parent,
    children: [],
  };
  fill(directory, reader.property("files"), pins);
  return directory;
}

function buildElementary(
  reader: DataReader,
  id: number,
  type: "transparent" | RecordFile["structure"],
  pins: ReadonlyMap<number, Pin>,
): ElementaryCardFile {
  const shortId = reader.property("shortId");
  const common = {
    id,
    shortId: shortId.isAbsent ? null : shortId.number(1, 30),
    read: access(reader.property("read"), pins),
    update: access(reader.property("update"), pins),
  };
  if (type === "transparent") {
    reader.allowOnly([...EF_NAMES, "size", "content"]);
    const content = reader.property("content");
    const given = content.isAbsent
      ? new Uint8Array(0)
      : content.bytes(0, 32_768);
    const size = reader.property("size").number(
      given.length,
      32_768,
      given.length,
    );
    const bytes = new Uint8Array(size);
    bytes.set(given);
    return { kind: "transparent", ...common, content: bytes };
  }
  reader.allowOnly([...EF_NAMES, "recordLength", "maxRecords", "records"]);
  return {
    kind: "records",
    structure: type,
    ...common,
    ...recordsOf(reader, type),
  };
}

function recordsOf(
  reader: DataReader,
  structure: RecordFile["structure"],
): Pick<RecordFile, "recordLength" | "maxRecords" | "records"> {
  const recordLength = reader.property("recordLength").number(1, 65_535);
  const elements = reader.property("records").elements();
  const maxRecords = reader.property("maxRecords").number(
    Math.max(1, elements.length),
    254,
    Math.max(1, elements.length),
  );
  const records = elements.map((element) => {
    const given = element.bytes(0, recordLength);
    if (structure === "linear-variable") return given;
    const record = new Uint8Array(recordLength);
    record.set(given);
    return record;
  });
  return { recordLength, maxRecords, records };
}

function access(
  reader: DataReader,
  pins: ReadonlyMap<number, Pin>,
): AccessData {
  if (reader.isAbsent) return "always";
  if (!reader.isObject) return reader.oneOf(["always", "never"] as const);
  reader.allowOnly(["pin"]);
  const pin = reader.property("pin").number(1, 31);
  if (!pins.has(pin)) reader.property("pin").refuse(pin, "a PIN of the card");
  return { pin };
}

function optionalName(reader: DataReader): Uint8Array | null {
  return reader.isAbsent ? null : reader.bytes(1, 16);
}

/** Two DFs of one name could never both be meant by SELECT with the whole name. */
function refuseSameNames(root: Directory): void {
  const seen = new Set<string>();
  for (const { name, id } of allDirectories(root)) {
    if (name === null) continue;
    const key = name.join();
    if (seen.has(key)) {
      throw new RangeError(
        `Cannot read card data: the name of DF ${
          id.toString(16).padStart(4, "0")
        } found twice, expected each name once`,
      );
    }
    seen.add(key);
  }
}
