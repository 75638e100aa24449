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
export { crc, lrc } from "./edc.ts";
export { DI_TABLE, FI_TABLE } from "./factors.ts";
export {
  Core,
  type CoreExports,
  instantiateCore,
  sharedCore,
} from "./instance.ts";
export {
  Machine,
  MACHINE_BUFFER_BYTES,
  MACHINE_DONE,
  MACHINE_ERRORS,
  MACHINE_TRANSFER,
  machineErrorName,
} from "./machine.ts";
export {
  buildPpsRequest,
  checkPpsResponse,
  MAX_PPS_BYTES,
  negotiatePps,
  type PpsNegotiation,
  type PpsOutcome,
  type PpsProposal,
  ppsResponseLength,
} from "./pps.ts";
export {
  type ProtocolChoice,
  type ReaderAbilities,
  selectProtocol,
} from "./select.ts";
export { T0Exchange, type T0Options } from "./t0_exchange.ts";
export {
  CRC_VARIANT_CODES,
  type CrcVariant,
  type T1Options,
} from "./t1_options.ts";
export { T1Session } from "./t1_session.ts";
export { cardTiming, type Timing, type TimingParameters } from "./timing.ts";
