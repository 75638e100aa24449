/**
 * The byte-level core of ISO/IEC 7816-3, in WASM: ATR, PPS, T=0, T=1, APDU cases,
 * times. Sans I/O: it never waits, never reads a clock, and never throws for what
 * a card sends.
 *
 * @module
 */

export { type Apdu, type ApduCase, parseApdu } from "./apdu.ts";
export {
  type Atr,
  type AtrOptions,
  parseAtr,
  type SpecificMode,
} from "./atr.ts";
export {
  ATR_COLUMNS,
  ATR_PROBLEM_BITS,
  ATR_ROW_WORDS,
  packAtrs,
  parseAtrs,
} from "./atr_batch.ts";
export {
  type EffectiveParameters,
  effectiveParameters,
} from "./atr_effective.ts";
export { describeAtrProblem } from "./atr_problems.ts";
export { crc, CRC_VARIANT_CODES, type CrcVariant, lrc } from "./edc.ts";
export { DI_TABLE, FI_TABLE } from "./factors.ts";
export {
  Core,
  type CoreExports,
  instantiateCore,
  provideCore,
  sharedCore,
} from "./instance.ts";
export {
  Machine,
  MACHINE_BUFFER_BYTES,
  MACHINE_MAX_BUILD_BYTES,
} from "./machine.ts";
export {
  describeMachineError,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  type MachineErrorName,
  machineErrorName,
} from "./machine_errors.ts";
export {
  buildPpsRequest,
  checkPpsResponse,
  MAX_PPS_BYTES,
  negotiatePps,
  type PpsNegotiation,
  type PpsOutcome,
  type PpsProblem,
  type PpsProposal,
  ppsResponseLength,
} from "./pps.ts";
export {
  type ProtocolChoice,
  type ReaderAbilities,
  selectProtocol,
} from "./select.ts";
export { T0ApduExchange, type T0ApduOptions } from "./t0_apdu_exchange.ts";
export { T0Exchange, type T0Options } from "./t0_exchange.ts";
export type { T1Options } from "./t1_options.ts";
export { T1Registers } from "./t1_registers.ts";
export { T1Session } from "./t1_session.ts";
export {
  cardTiming,
  type Times,
  type Timing,
  type TimingParameters,
} from "./timing.ts";
