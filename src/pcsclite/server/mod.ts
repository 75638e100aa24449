/**
 * pcscd's side of pcsc-lite's protocol: a resource manager for unmodified PC/SC programs,
 * which find it by PCSCLITE_CSOCK_NAME. Needs permission to read and write the socket's path.
 *
 * @module
 */

export {
  DEFAULT_SOCKET_MODE,
  DEFAULT_WRITE_TIMEOUT_MS,
  PCSC_LITE_SERVER_PROFILE,
  type PcscLiteServerOptions,
  type ServerEvent,
} from "./options.ts";
export { pcscLiteReaderName } from "../wire/mod.ts";
export { PcscLiteServer } from "./server.ts";
