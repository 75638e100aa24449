/**
 * The law book of reader drivers: what Windows' reader test and the logo requirements ask
 * of a driver, as tests that run against any {@linkcode ReaderUnderTest}.
 *
 * @module
 */

export {
  type Law,
  LawBroken,
  type LawOptions,
  type LawProtocol,
  type LawSettings,
  type RegisterLaw,
} from "./law.ts";
export { LawContext } from "./law_context.ts";
export { LawJudge, type LawOutcome } from "./law_judge.ts";
export { LawIrp, type LawRequest, LawRequester } from "./law_requester.ts";
export { laws } from "./laws/mod.ts";
export type {
  CardToInsert,
  MakeReader,
  ReaderUnderTest,
} from "./reader_under_test.ts";
export { lawLeftOut, readerDriverLaws, runLaw } from "./run_law.ts";
