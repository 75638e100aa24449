/**
 * A virtual OpenPGP card. It is for tests and protects nothing.
 *
 * @module
 */

export type { OpenPgpAlgorithm } from "./algorithms.ts";
export {
  OpenPgpApplication,
  type OpenPgpOptions,
} from "./openpgp_application.ts";
export { createOpenPgpCard, type OpenPgpCardOptions } from "./openpgp_card.ts";
export type { OpenPgpCardSettings } from "./state.ts";
export { MemoryOpenPgpStore, type OpenPgpStore } from "./store.ts";
