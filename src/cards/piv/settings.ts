/**
 * What a new card starts with.
 *
 * @module
 */
import { fromHex } from "../../bytes.ts";
import {
  initialObjects,
  isObjectTag,
  MAX_OBJECT_BYTES,
} from "./data_objects.ts";
import { isManagementKey } from "./management_key.ts";
import { isPin, MAX_TRIES, type PivState, SECRET_BYTES } from "./state.ts";

/** What a new card starts with; a card that comes out of its store has its own. */
export interface PivSettings {
  /** 6 to 8 digits; default {@linkcode PIV_DEFAULT_PIN}. */
  readonly pin?: string;
  /** 8 characters of ASCII; default {@linkcode PIV_DEFAULT_PUK}. */
  readonly puk?: string;
  /** Tries of the PIN, 1..15; default 3. */
  readonly pinTries?: number;
  /** Tries of the PUK, 1..15; default 3. */
  readonly pukTries?: number;
  /** AES key of 16, 24 or 32 bytes; default {@linkcode PIV_DEFAULT_MANAGEMENT_KEY}. */
  readonly managementKey?: Uint8Array;
  /** The 16 bytes in CHUID that tell the card from others; default random. */
  readonly guid?: Uint8Array;
  /** Contents of data objects by tag (without the outer 53), beside or instead of those that every card has. */
  readonly objects?: ReadonlyMap<number, Uint8Array>;
}

/** The PIN of a new card. */
export const PIV_DEFAULT_PIN = "123456";
/** The PIN unblocking key of a new card. */
export const PIV_DEFAULT_PUK = "12345678";
/** The management key of a new card, AES-192, in hexadecimal. */
export const PIV_DEFAULT_MANAGEMENT_KEY =
  "010203040506070801020304050607080102030405060708";

const DEFAULT_TRIES = 3;
const GUID_BYTES = 16;

/**
 * The state of a new card.
 *
 * @throws {RangeError} naming the setting that is out of range
 */
export function initialState(
  settings: PivSettings,
  random: (length: number) => Uint8Array,
): PivState {
  const pin = padded(settings.pin ?? PIV_DEFAULT_PIN);
  if (!isPin(pin)) refuse("pin", "another text", "6 to 8 digits");
  const puk = padded(settings.puk ?? PIV_DEFAULT_PUK);
  const pukText = settings.puk ?? PIV_DEFAULT_PUK;
  if (!/^[\x20-\x7e]{8}$/.test(pukText)) {
    refuse("puk", "another text", "8 characters of ASCII");
  }
  const managementKey = settings.managementKey?.slice() ??
    fromHex(PIV_DEFAULT_MANAGEMENT_KEY);
  if (!isManagementKey(managementKey)) {
    refuse("managementKey", `${managementKey.length} bytes`, "16, 24 or 32");
  }
  const guid = settings.guid ?? random(GUID_BYTES);
  if (guid.length !== GUID_BYTES) {
    refuse("guid", `${guid.length} bytes`, `${GUID_BYTES}`);
  }
  const pinTries = checkedTries("pinTries", settings.pinTries);
  const pukTries = checkedTries("pukTries", settings.pukTries);
  return {
    pin: { value: pin, tries: pinTries, triesLeft: pinTries },
    puk: { value: puk, tries: pukTries, triesLeft: pukTries },
    managementKey,
    keys: new Map(),
    objects: objectsOf(settings, guid),
  };
}

function objectsOf(
  settings: PivSettings,
  guid: Uint8Array,
): Map<number, Uint8Array> {
  const objects: Map<number, Uint8Array> = initialObjects(guid);
  for (const [tag, content] of settings.objects ?? []) {
    if (!isObjectTag(tag)) {
      const name = tag.toString(16).toUpperCase();
      refuse("objects", `tag ${name}`, "7E, 7F61 or 5FC101 to 5FC123");
    }
    if (content.length === 0 || content.length > MAX_OBJECT_BYTES) {
      const expected = `1 to ${MAX_OBJECT_BYTES}`;
      refuse("objects", `${content.length} bytes of content`, expected);
    }
    objects.set(tag, content.slice());
  }
  return objects;
}

/** The text in ASCII, with 'FF' up to eight bytes; longer when the text is. */
function padded(text: string): Uint8Array {
  const ascii = new TextEncoder().encode(text);
  const bytes = new Uint8Array(Math.max(SECRET_BYTES, ascii.length));
  bytes.fill(0xff).set(ascii);
  return bytes;
}

function checkedTries(name: string, tries = DEFAULT_TRIES): number {
  if (Number.isInteger(tries) && tries >= 1 && tries <= MAX_TRIES) return tries;
  return refuse(name, `${tries}`, `1 to ${MAX_TRIES}`);
}

function refuse(setting: string, found: string, expected: string): never {
  throw new RangeError(
    `Cannot make PIV card: ${setting} with ${found} found, expected ${expected}`,
  );
}
