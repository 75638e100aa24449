/**
 * Packets around what a card says, so that Wireshark finds its dissectors: GSMTAP
 * over UDP and IPv4, and Wireshark's exported PDUs.
 *
 * @module
 */

/** UDP port of GSMTAP. */
const GSMTAP_PORT = 4729;
const GSMTAP_VERSION = 2;
const GSMTAP_HEADER_BYTES = 16;
/** GSMTAP_TYPE_SIM. */
const GSMTAP_TYPE_SIM = 4;
const UDP_HEADER_BYTES = 8;
const IPV4_HEADER_BYTES = 20;
const PROTOCOL_UDP = 17;
const TIME_TO_LIVE = 64;
const DO_NOT_FRAGMENT = 0x4000;
const HEADERS_BYTES = IPV4_HEADER_BYTES + UDP_HEADER_BYTES +
  GSMTAP_HEADER_BYTES;
/** EXP_PDU_TAG_DISSECTOR_NAME. */
const TAG_DISSECTOR = 12;

/** Sub-type of GSMTAP: a C-APDU in TPDU form, and its R-APDU right behind it. */
export const GSMTAP_SIM_APDU = 0;
/** Sub-type of GSMTAP: an ATR. */
export const GSMTAP_SIM_ATR = 1;
/** Sub-type of GSMTAP: a PPS request. */
export const GSMTAP_SIM_PPS_REQUEST = 2;
/** Sub-type of GSMTAP: a PPS response. */
export const GSMTAP_SIM_PPS_RESPONSE = 3;

/** Most bytes that a packet of IPv4 has room for behind GSMTAP's header. */
export const MAX_GSMTAP_BYTES: number = 0xffff - HEADERS_BYTES;

/** The internet checksum (RFC 1071) of 16-bit words from `from` to `to`, on top of `sum`. */
function checksum(view: DataView, from: number, to: number, sum = 0): number {
  for (let at = from; at + 1 < to; at += 2) sum += view.getUint16(at);
  if ((to - from) % 2 !== 0) sum += view.getUint8(to - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/**
 * An IPv4 packet from 127.0.0.1 to itself with GSMTAP of type SIM in it.
 *
 * @param subType GSMTAP_SIM_*
 * @throws {RangeError} when `payload` is longer than {@linkcode MAX_GSMTAP_BYTES}
 */
export function gsmtapPacket(
  subType: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (payload.length > MAX_GSMTAP_BYTES) {
    throw new RangeError(
      `Cannot make a GSMTAP packet: ${payload.length} bytes found, expected at most ${MAX_GSMTAP_BYTES}`,
    );
  }
  const packet = new Uint8Array(HEADERS_BYTES + payload.length);
  const view = new DataView(packet.buffer);
  const length = packet.length;
  packet.set([0x45, 0], 0);
  view.setUint16(2, length);
  view.setUint16(6, DO_NOT_FRAGMENT);
  packet.set([TIME_TO_LIVE, PROTOCOL_UDP], 8);
  packet.set([127, 0, 0, 1, 127, 0, 0, 1], 12);
  view.setUint16(10, checksum(view, 0, IPV4_HEADER_BYTES));
  const udpLength = length - IPV4_HEADER_BYTES;
  view.setUint16(IPV4_HEADER_BYTES, GSMTAP_PORT);
  view.setUint16(IPV4_HEADER_BYTES + 2, GSMTAP_PORT);
  view.setUint16(IPV4_HEADER_BYTES + 4, udpLength);
  const gsmtap = IPV4_HEADER_BYTES + UDP_HEADER_BYTES;
  packet[gsmtap] = GSMTAP_VERSION;
  packet[gsmtap + 1] = GSMTAP_HEADER_BYTES / 4;
  packet[gsmtap + 2] = GSMTAP_TYPE_SIM;
  packet[gsmtap + 12] = subType;
  packet.set(payload, HEADERS_BYTES);
  // The pseudo header: both addresses, the protocol, the length of UDP (RFC 768).
  const pseudo = 2 * (0x7f00 + 1) + PROTOCOL_UDP + udpLength;
  const sum = checksum(view, IPV4_HEADER_BYTES, length, pseudo);
  view.setUint16(IPV4_HEADER_BYTES + 6, sum || 0xffff);
  return packet;
}

/**
 * A packet of LINKTYPE_WIRESHARK_UPPER_PDU.
 *
 * @param dissector Wireshark's name of it: `iso7816.atr`, `gsm_sim`, `data`
 */
export function exportedPdu(
  dissector: string,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(dissector);
  const nameBytes = Math.ceil(name.length / 4) * 4;
  const packet = new Uint8Array(4 + nameBytes + 4 + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, TAG_DISSECTOR);
  view.setUint16(2, nameBytes);
  packet.set(name, 4);
  packet.set(payload, 8 + nameBytes);
  return packet;
}
