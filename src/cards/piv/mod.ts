/**
 * A virtual PIV card (NIST SP 800-73-4) for tests. It protects nothing.
 *
 * @module
 */
export { PIV_AID } from "./data_objects.ts";
export { PivApplication, type PivOptions } from "./piv_application.ts";
export {
  createPivApduCard,
  createPivCard,
  type PivCardOptions,
} from "./piv_card.ts";
export {
  PIV_DEFAULT_MANAGEMENT_KEY,
  PIV_DEFAULT_PIN,
  PIV_DEFAULT_PUK,
  type PivSettings,
} from "./settings.ts";
export type { PivKey, PivSecret, PivState, PivStore } from "./state.ts";
