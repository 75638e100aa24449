/**
 * The test card.
 *
 * @module
 */

export * as testCardIns from "./instructions.ts";
export { testCardBytes, testCardDigest } from "./test_application.ts";
export {
  createTestCard,
  type TestCard,
  type TestCardOptions,
} from "./test_card.ts";
export type {
  TestCardEvent,
  TestCardMoment,
  TestCardReset,
} from "./test_contacts.ts";
