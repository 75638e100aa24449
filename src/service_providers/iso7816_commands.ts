/**
 * Commands of ISO/IEC 7816-4: what ISCardISO7816 builds, member by member.
 *
 * @module
 */

import { writeDataObject } from "./ber_tlv.ts";
import {
  assertRange,
  type CommandApdu,
  MAX_EXTENDED_NE,
  MAX_SHORT_NE,
} from "./command_apdu.ts";
import {
  binaryFields,
  type BinaryPlace,
  offsetObject,
  recordFields,
  type RecordPlace,
  shortIdField,
} from "./iso7816_fields.ts";
import { selectFields, type SelectTarget } from "./select_fields.ts";

/** Algorithm and key of an authentication; 0 means none in particular. */
export interface AuthenticationReference {
  /** P1, the algorithm; default 0. */
  readonly algorithm?: number;
  /** P2, the secret: b8 a specific one, b5..b1 its number; default 0. */
  readonly reference?: number;
}

const TAG_TAG_LIST = 0x5c;
const TAG_DISCRETIONARY = 0x53;

/**
 * Builds commands, and sends none; `CardService.send` does. Every method throws
 * RangeError when a number is out of range.
 */
export class Iso7816Commands {
  #cla = 0;

  /** The class byte of the commands to come. */
  get defaultClassId(): number {
    return this.#cla;
  }

  /** SetDefaultClassId: the class byte of the commands to come, at first 00. */
  setDefaultClassId(cla: number): void {
    assertRange(cla, 0, 0xff, "CLA");
    this.#cla = cla;
  }

  /** APPEND RECORD (E2): a record more, in the current EF or that of a short identifier. */
  appendRecord(data: Uint8Array, shortId?: number): CommandApdu {
    return this.#command(0xe2, 0, shortIdField(shortId) << 3, data);
  }

  /**
   * ERASE BINARY (0E, 0F): sets bytes to the erased state.
   *
   * @param end where to stop, in bytes from the start of the file; default its end
   */
  eraseBinary(place: BinaryPlace = {}, end?: number): CommandApdu {
    const { p1, p2, offsetObject: object } = binaryFields(place);
    if (end !== undefined) {
      assertRange(end, (place.offset ?? 0) + 1, 0xffff_ffff, "the end");
    }
    if (object === null && (end ?? 0) <= 0xffff) {
      const data = end === undefined ? undefined : word(end);
      return this.#command(0x0e, p1, p2, data);
    }
    const from = object ?? offsetObject(place.offset ?? 0);
    const data = end === undefined ? from : join(from, offsetObject(end));
    return this.#command(0x0f, 0, shortIdField(place.shortId), data);
  }

  /** EXTERNAL AUTHENTICATE (82): proves the outside to the card. */
  externalAuthenticate(
    data: Uint8Array | undefined,
    { algorithm = 0, reference = 0 }: AuthenticationReference = {},
  ): CommandApdu {
    return this.#command(0x82, algorithm, reference, data);
  }

  /** GET CHALLENGE (84): random bytes of the card, `ne` 1..65 536. */
  getChallenge(ne: number, algorithm: number = 0): CommandApdu {
    return this.#asking(0x84, algorithm, 0, ne);
  }

  /** GET DATA (CA; CB for tags of three bytes): a data object by its tag. */
  getData(tag: number, ne: number = MAX_SHORT_NE): CommandApdu {
    assertRange(tag, 0, 0xff_ffff, "the tag");
    if (tag <= 0xffff) return this.#asking(0xca, tag >> 8, tag & 0xff, ne);
    const name = [tag >> 16, tag >> 8 & 0xff, tag & 0xff];
    const list = writeDataObject(TAG_TAG_LIST, name);
    return this.#asking(0xcb, 0x3f, 0xff, ne, list);
  }

  /** GET RESPONSE (C0): what the last command left. */
  getResponse(ne: number = MAX_SHORT_NE): CommandApdu {
    return this.#asking(0xc0, 0, 0, ne);
  }

  /** INTERNAL AUTHENTICATE (88): the card proves itself. */
  internalAuthenticate(
    challenge: Uint8Array,
    { algorithm = 0, reference = 0, ne = MAX_SHORT_NE }:
      & AuthenticationReference
      & { readonly ne?: number } = {},
  ): CommandApdu {
    return this.#asking(0x88, algorithm, reference, ne, challenge);
  }

  /**
   * MANAGE CHANNEL (70): opens or closes a logical channel.
   *
   * @param channel 1..19; to open, 0 lets the card choose and tell it in one byte
   */
  manageChannel(
    operation: "open" | "close",
    channel: number = 0,
  ): CommandApdu {
    assertRange(channel, operation === "open" ? 0 : 1, 19, "the channel");
    if (operation === "close") return this.#command(0x70, 0x80, channel);
    return channel === 0
      ? this.#asking(0x70, 0, 0, 1)
      : this.#command(0x70, 0, channel);
  }

  /** PUT DATA (DA): a data object by its tag, one or two bytes. */
  putData(tag: number, data: Uint8Array): CommandApdu {
    assertRange(tag, 0, 0xffff, "the tag");
    return this.#command(0xda, tag >> 8, tag & 0xff, data);
  }

  /**
   * READ BINARY (B0); beyond offset 32 767 B1, whose answer wraps the bytes in data object
   * 53, for which `ne` must leave room.
   */
  readBinary(place: BinaryPlace = {}, ne: number = MAX_SHORT_NE): CommandApdu {
    const { p1, p2, offsetObject: object } = binaryFields(place);
    return object === null
      ? this.#asking(0xb0, p1, p2, ne)
      : this.#asking(0xb1, p1, p2, ne, object);
  }

  /** READ RECORD (B2). */
  readRecord(place: RecordPlace, ne: number = MAX_SHORT_NE): CommandApdu {
    const { p1, p2 } = recordFields(place);
    return this.#asking(0xb2, p1, p2, ne);
  }

  /** SELECT (A4), by whatever `target` says. */
  selectFile(target: SelectTarget, ne: number = MAX_SHORT_NE): CommandApdu {
    const { p1, p2, data, wantsAnswer } = selectFields(target);
    return wantsAnswer
      ? this.#asking(0xa4, p1, p2, ne, data)
      : this.#command(0xa4, p1, p2, data);
  }

  /** UPDATE BINARY (D6; D7 beyond offset 32 767): replaces bytes. */
  updateBinary(place: BinaryPlace, data: Uint8Array): CommandApdu {
    return this.#writing(0xd6, place, data);
  }

  /** UPDATE RECORD (DC): replaces a record. */
  updateRecord(place: RecordPlace, data: Uint8Array): CommandApdu {
    const { p1, p2 } = recordFields(place);
    return this.#command(0xdc, p1, p2, data);
  }

  /**
   * VERIFY (20), with secret data.
   *
   * @param data absent: asks for the state of the verification
   * @param reference P2: b8 a specific secret, b5..b1 its number
   */
  verify(data: Uint8Array | undefined, reference: number = 0): CommandApdu {
    return { ...this.#command(0x20, 0, reference, data), secret: true };
  }

  /** WRITE BINARY (D0; D1 beyond offset 32 767): as the file's data coding byte says, or once. */
  writeBinary(place: BinaryPlace, data: Uint8Array): CommandApdu {
    return this.#writing(0xd0, place, data);
  }

  /** WRITE RECORD (D2). */
  writeRecord(place: RecordPlace, data: Uint8Array): CommandApdu {
    const { p1, p2 } = recordFields(place);
    return this.#command(0xd2, p1, p2, data);
  }

  #writing(ins: number, place: BinaryPlace, data: Uint8Array): CommandApdu {
    const { p1, p2, offsetObject: object } = binaryFields(place);
    if (object === null) return this.#command(ins, p1, p2, data);
    const content = writeDataObject(TAG_DISCRETIONARY, data);
    return this.#command(ins | 1, p1, p2, join(object, content));
  }

  #asking(
    ins: number,
    p1: number,
    p2: number,
    ne: number,
    data?: Uint8Array,
  ): CommandApdu {
    assertRange(ne, 1, MAX_EXTENDED_NE, "Ne");
    return { ...this.#command(ins, p1, p2, data), ne };
  }

  #command(
    ins: number,
    p1: number,
    p2: number,
    data?: Uint8Array,
  ): CommandApdu {
    assertRange(p1, 0, 0xff, "P1");
    assertRange(p2, 0, 0xff, "P2");
    const header = { cla: this.#cla, ins, p1, p2 };
    return data === undefined || data.length === 0
      ? header
      : { ...header, data };
  }
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
