/**
 * vpcd, the protocol of vsmartcard: a reader driver for virtual cards over TCP, and the other end of it.
 *
 * @module
 */

export { VpcdReader } from "./reader.ts";
export {
  VPCD_DEFAULT_PORT,
  type VpcdReaderConnectOptions,
  type VpcdReaderOptions,
} from "./options.ts";
export {
  VPCD_MAX_SLOTS,
  VpcdSlots,
  type VpcdSlotsConnectOptions,
  type VpcdSlotsOptions,
} from "./slots.ts";
export { VpcdCard } from "./card.ts";
export type {
  VpcdCardConnectOptions,
  VpcdCardOptions,
} from "./card_options.ts";
export {
  type VpcdApduCard,
  type VpcdCardEnd,
  VpcdCardSession,
} from "./card_session.ts";
export { VpcdConnection, type VpcdLink } from "./connection.ts";
export {
  encodeFrame,
  FrameDecoder,
  VPCD_CTRL_ATR,
  VPCD_CTRL_OFF,
  VPCD_CTRL_ON,
  VPCD_CTRL_RESET,
  VPCD_HEADER_BYTES,
  VPCD_MAX_PAYLOAD_BYTES,
  writeFrame,
} from "./framing.ts";
