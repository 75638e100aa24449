/**
 * The blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian.
 *
 * @module
 */

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_COMMENT = 1;
const OPTION_USER_APPLICATION = 4;
const OPTION_INTERFACE_NAME = 2;
const OPTION_TIME_RESOLUTION = 9;
/** Lengths of options have 16 bits. */
const MAX_OPTION_BYTES = 0xffff;
const ENCODER = new TextEncoder();

/** LINKTYPE_IPV4: packets begin with an IPv4 header. */
export const LINKTYPE_IPV4 = 228;
/** LINKTYPE_WIRESHARK_UPPER_PDU: packets begin with tags that name the dissector. */
export const LINKTYPE_WIRESHARK_UPPER_PDU = 252;

/** Collects fields. */
class Fields {
  readonly #bytes: number[] = [];

  u16(...values: number[]): this {
    for (const value of values) this.#bytes.push(value & 0xff, value >> 8);
    return this;
  }

  u32(value: number): this {
    return this.u16(value & 0xffff, value >>> 16);
  }

  /** Bytes, and zeros up to a multiple of four. */
  padded(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte);
    while (this.#bytes.length % 4 !== 0) this.#bytes.push(0);
    return this;
  }

  option(code: number, value: Uint8Array): this {
    const kept = value.subarray(0, MAX_OPTION_BYTES);
    return this.u16(code, kept.length).padded(kept);
  }

  endOfOptions(): this {
    return this.u16(0, 0);
  }

  /** The whole block: type and length before, length behind. */
  block(type: number): Uint8Array<ArrayBuffer> {
    const length = this.#bytes.length + 12;
    const block = new Uint8Array(length);
    const view = new DataView(block.buffer);
    view.setUint32(0, type, true);
    view.setUint32(4, length, true);
    block.set(this.#bytes, 8);
    view.setUint32(length - 4, length, true);
    return block;
  }
}

/** Section Header Block of a section of unknown length. @param application name of the program that writes it */
export function sectionHeader(application: string): Uint8Array<ArrayBuffer> {
  return new Fields().u32(BYTE_ORDER_MAGIC).u16(1, 0)
    .u32(0xffffffff).u32(0xffffffff)
    .option(OPTION_USER_APPLICATION, ENCODER.encode(application))
    .endOfOptions().block(SECTION_HEADER);
}

/**
 * Interface Description Block.
 *
 * @param linkType LINKTYPE_*
 * @param name if_name
 * @param timeDigits if_tsresol: 6 for microseconds, 9 for nanoseconds
 */
export function interfaceDescription(
  linkType: number,
  name: string,
  timeDigits: 6 | 9,
): Uint8Array<ArrayBuffer> {
  return new Fields().u16(linkType, 0).u32(0)
    .option(OPTION_INTERFACE_NAME, ENCODER.encode(name))
    .option(OPTION_TIME_RESOLUTION, Uint8Array.of(timeDigits))
    .endOfOptions().block(INTERFACE_DESCRIPTION);
}

/**
 * Enhanced Packet Block of a packet that was captured whole.
 *
 * @param interfaceId number of the interface, in the order of their blocks from 0
 * @param time in the interface's resolution
 * @param comment opt_comment; empty for none
 */
export function enhancedPacket(
  interfaceId: number,
  time: bigint,
  packet: Uint8Array,
  comment: string,
): Uint8Array<ArrayBuffer> {
  const fields = new Fields().u32(interfaceId)
    .u32(Number(time >> 32n & 0xffffffffn)).u32(Number(time & 0xffffffffn))
    .u32(packet.length).u32(packet.length).padded(packet);
  if (comment !== "") {
    fields.option(OPTION_COMMENT, ENCODER.encode(comment)).endOfOptions();
  }
  return fields.block(ENHANCED_PACKET);
}
