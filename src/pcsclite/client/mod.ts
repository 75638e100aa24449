/**
 * The resource manager of another process as a backend of the same faces: a client of
 * pcsc-lite's socket, without native code.
 *
 * @module
 */

export { PcscLiteClient } from "./client.ts";
export { PcscLiteConnection } from "./connection.ts";
export { PcscLiteContext } from "./context.ts";
export {
  DEFAULT_ANSWER_TIMEOUT_MS,
  DEFAULT_CARD_TIMEOUT_MS,
  PCSC_LITE_SOCKET,
  type PcscLiteClientOptions,
} from "./options.ts";
export { PcscLiteReader } from "./reader_mirror.ts";
