/**
 * The vpcd reader driver: virtual cards over TCP.
 *
 * @module
 */

export { VpcdReader } from "./reader.ts";
export { VPCD_DEFAULT_PORT, type VpcdReaderOptions } from "./options.ts";
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
