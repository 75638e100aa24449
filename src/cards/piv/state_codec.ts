/**
 * The state of the card as bytes for a store: JSON, byte strings and large numbers in hexadecimal.
 *
 * @module
 */
import { fromHex, toHex } from "../../bytes.ts";
import { p256KeyOf } from "../crypto/p256.ts";
import { rsaBytes, rsaKeyOf } from "../crypto/rsa.ts";
import { isObjectTag, MAX_OBJECT_BYTES } from "./data_objects.ts";
import { ALGORITHM, keyRole } from "./key_references.ts";
import { isManagementKey } from "./management_key.ts";
import {
  isPin,
  MAX_TRIES,
  type PivKey,
  type PivSecret,
  type PivState,
  SECRET_BYTES,
} from "./state.ts";

const FORMAT = "piv-card-1";
const RSA_BYTES = 256;

/** The state as UTF-8. */
export function encodeState(state: PivState): Uint8Array {
  const { pin, puk, managementKey, keys, objects } = state;
  const text = JSON.stringify({
    format: FORMAT,
    pin: secretData(pin),
    puk: secretData(puk),
    managementKey: toHex(managementKey),
    keys: Array.from(
      keys,
      ([reference, key]) => [reference.toString(16), keyData(key)],
    ),
    objects: Array.from(
      objects,
      ([tag, content]) => [tag.toString(16), toHex(content)],
    ),
  });
  return new TextEncoder().encode(text);
}

/**
 * The state that `encodeState` wrote.
 *
 * @throws {RangeError} naming the place that is wrong
 */
export function decodeState(bytes: Uint8Array): PivState {
  const top = new Reader(parse(bytes), "state");
  const format = top.text("format");
  if (format !== FORMAT) refuse("format", format, FORMAT);
  const pin = readSecret(top.inside("pin"));
  if (!isPin(pin.value)) refuse("pin.value", "other bytes", "6 to 8 digits");
  const managementKey = top.bytes("managementKey");
  if (!isManagementKey(managementKey)) {
    refuse("managementKey", `${managementKey.length} bytes`, "16, 24 or 32");
  }
  const keys = top.pairs("keys").map(readKey);
  const objects = top.pairs("objects").map(readObject);
  return {
    pin,
    puk: readSecret(top.inside("puk")),
    managementKey,
    keys: new Map(keys),
    objects: new Map(objects),
  };
}

function secretData({ value, tries, triesLeft }: PivSecret): unknown {
  return { value: toHex(value), tries, triesLeft };
}

function keyData({ algorithm, key }: PivKey): unknown {
  return algorithm === ALGORITHM.P256
    ? { algorithm, secret: key.secret.toString(16) }
    : {
      algorithm,
      p: key.p.toString(16),
      q: key.q.toString(16),
      publicExponent: key.publicExponent.toString(16),
    };
}

function readSecret(reader: Reader): PivSecret {
  const value = reader.bytes("value");
  const tries = reader.number("tries");
  const triesLeft = reader.number("triesLeft");
  if (value.length !== SECRET_BYTES) {
    refuse(`${reader.place}.value`, `${value.length} bytes`, `${SECRET_BYTES}`);
  }
  if (tries < 1 || tries > MAX_TRIES || triesLeft < 0 || triesLeft > tries) {
    const found = `${triesLeft} of ${tries} tries`;
    refuse(reader.place, found, `0 to ${MAX_TRIES} of at least 1`);
  }
  return { value, tries, triesLeft };
}

function readKey(reader: Reader): [number, PivKey] {
  const reference = parseInt(reader.text("0"), 16);
  if (keyRole(reference) === undefined) {
    refuse(reader.place, reader.text("0"), "9a, 9c, 9d, 9e or 82 to 95");
  }
  const data = reader.inside("1");
  const algorithm = data.number("algorithm");
  try {
    if (algorithm === ALGORITHM.P256) {
      return [reference, { algorithm, key: p256KeyOf(data.large("secret")) }];
    }
    if (algorithm === ALGORITHM.RSA_2048) {
      const exponent = data.large("publicExponent");
      const key = rsaKeyOf(data.large("p"), data.large("q"), exponent);
      if (rsaBytes(key) === RSA_BYTES) return [reference, { algorithm, key }];
    }
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    refuse(data.place, found, "a key");
  }
  return refuse(data.place, `another key`, "RSA 2048 or P-256");
}

function readObject(reader: Reader): [number, Uint8Array] {
  const tag = parseInt(reader.text("0"), 16);
  const content = reader.bytes("1");
  if (!isObjectTag(tag) || content.length > MAX_OBJECT_BYTES) {
    const found = `tag ${reader.text("0")} with ${content.length} bytes`;
    refuse(reader.place, found, "a tag of PIV and a content that fits");
  }
  return [tag, content];
}

/** Members of a JSON object or array, each of the type that is expected. */
class Reader {
  readonly place: string;
  readonly #value: object;

  constructor(value: unknown, place: string) {
    this.place = place;
    if (typeof value === "object" && value !== null) this.#value = value;
    else refuse(place, typeof value, "an object");
  }

  text(name: string): string {
    const value = this.#member(name);
    if (typeof value === "string") return value;
    return refuse(`${this.place}.${name}`, typeof value, "a text");
  }

  number(name: string): number {
    const value = this.#member(name);
    if (typeof value === "number" && Number.isInteger(value)) return value;
    return refuse(`${this.place}.${name}`, String(value), "a whole number");
  }

  bytes(name: string): Uint8Array {
    const text = this.text(name);
    if (/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return fromHex(text);
    return refuse(`${this.place}.${name}`, "other text", "hexadecimal");
  }

  large(name: string): bigint {
    const text = this.text(name);
    if (/^[0-9a-f]{1,512}$/.test(text)) return BigInt(`0x${text}`);
    return refuse(`${this.place}.${name}`, "other text", "hexadecimal");
  }

  inside(name: string): Reader {
    return new Reader(this.#member(name), `${this.place}.${name}`);
  }

  pairs(name: string): Reader[] {
    const value = this.#member(name);
    if (!Array.isArray(value)) {
      return refuse(`${this.place}.${name}`, typeof value, "an array");
    }
    return value.map((item, index) =>
      new Reader(item, `${this.place}.${name}.${index}`)
    );
  }

  #member(name: string): unknown {
    return Reflect.get(this.#value, name);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return refuse("state", `${bytes.length} bytes that are none`, "JSON");
  }
}

function refuse(place: string, found: string, expected: string): never {
  throw new RangeError(
    `Cannot load PIV card: ${found} found at ${place}, expected ${expected}`,
  );
}
