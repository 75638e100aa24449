/**
 * Choice of protocol and parameters after an ATR (ISO/IEC 7816-3 6.3).
 *
 * @module
 */

import {
  ARGUMENTS,
  RESULT,
  SCRATCH,
  SELECT_A_ALLOWED,
  SELECT_A_CLOCK_KHZ,
  SELECT_A_FIRST,
  SELECT_A_KNOWS_IMPLICIT,
  SELECT_A_MAX_RATE,
  SELECT_A_OFFERED,
  SELECT_A_RATE_COUNT,
  SELECT_A_TA1,
  SELECT_A_TA2,
  SELECT_DIRECT,
  SELECT_E_PROTOCOL,
  SELECT_MAX_RATES,
  SELECT_PPS,
  SELECT_W_DI_INDEX,
  SELECT_W_FI_INDEX,
  SELECT_W_PROTOCOL,
} from "../../core-as/abi.ts";
import type { Atr } from "./atr.ts";
import { FI_TABLE } from "./factors.ts";
import { type Core, sharedCore } from "./instance.ts";

/** What reader and application allow. */
export interface ReaderAbilities {
  /** T values that may be used; default T=0 and T=1. */
  protocols?: readonly (0 | 1)[];
  /** Clock that the card gets, in kHz; default 4000. */
  clockKhz?: number;
  /** Fastest rate of the reader, in bits per second; default no limit. */
  maxBitsPerSecond?: number;
  /** Rates of the reader, in bits per second, at most 1024; left out: any up to the limit. */
  ratesBitsPerSecond?: readonly number[];
  /** The reader knows the parameters of a card whose TA2 calls them implicit. */
  knowsImplicitParameters?: boolean;
}

/** What to do after the ATR. */
export type ProtocolChoice =
  | {
    /** `direct`: send in `protocol` at once. `pps`: negotiate it first. */
    action: "direct" | "pps";
    /** T value. */
    protocol: number;
    /** Index of F to apply, 1 for 372; with implicit parameters the reader's own F applies. */
    fiIndex: number;
    /** Index of D to apply, 1 for 1; with implicit parameters the reader's own D applies. */
    diIndex: number;
  }
  | {
    /** Nothing fits. */
    action: "refuse";
    /** What does not fit. */
    problem: string;
    /** A warm reset may bring another mode (TA2 bit 8). */
    warmResetMayHelp: boolean;
  };

const ANY_RATE = 0x7fffffff;

/**
 * For users of the core without the driver library, which chooses by itself
 * (PTS_DATA). Chooses: specific mode as TA2 says; else T=1 before T=0, at the fastest speed
 * that card and reader share, by PPS if that changes anything. A card answers its
 * reset at 372/1, so that speed is taken for granted where no better one is shared.
 *
 * @throws {RangeError} when the reader lists more than 1024 rates or an impossible clock
 */
export function selectProtocol(
  atr: Atr,
  reader: ReaderAbilities = {},
  core: Core = sharedCore(),
): ProtocolChoice {
  const {
    protocols = [0, 1],
    clockKhz = 4000,
    maxBitsPerSecond = ANY_RATE,
    ratesBitsPerSecond = [],
  } = reader;
  if (ratesBitsPerSecond.length > SELECT_MAX_RATES) {
    throw new RangeError(
      `Cannot choose a protocol: ${ratesBitsPerSecond.length} rates given, expected at most ${SELECT_MAX_RATES}`,
    );
  }
  if (!(Number.isInteger(clockKhz) && clockKhz >= 1 && clockKhz <= 1_000_000)) {
    throw new RangeError(
      `Cannot choose a protocol: clockKhz is ${clockKhz}, expected 1 to 1000000`,
    );
  }
  if (!(maxBitsPerSecond >= 0)) {
    throw new RangeError(
      `Cannot choose a protocol: maxBitsPerSecond is ${maxBitsPerSecond}, expected 0 or more`,
    );
  }
  const listed = FI_TABLE[atr.fiIndex].maxHz;
  // A reserved Fi leaves 372/1, which holds up to the clock of the default.
  const maxHz = listed === 0 ? FI_TABLE[1].maxHz : listed;
  if (clockKhz * 1000 > maxHz) {
    return {
      action: "refuse",
      problem: `the card takes at most ${
        maxHz / 1000
      } kHz, the reader gives ${clockKhz} kHz`,
      warmResetMayHelp: false,
    };
  }
  const { words } = core;
  const argument = ARGUMENTS >> 2;
  const mask = (values: readonly number[]) =>
    values.reduce((bits, t) => bits | 1 << t, 0);
  words[argument + SELECT_A_ALLOWED] = mask(protocols);
  words[argument + SELECT_A_OFFERED] = mask(atr.protocols);
  words[argument + SELECT_A_FIRST] = atr.firstOffered;
  words[argument + SELECT_A_TA1] = atr.hasTa1
    ? atr.fiIndex << 4 | atr.diIndex
    : -1;
  words[argument + SELECT_A_TA2] = codedTa2(atr);
  words[argument + SELECT_A_CLOCK_KHZ] = clockKhz;
  words[argument + SELECT_A_MAX_RATE] = Math.min(maxBitsPerSecond, ANY_RATE);
  words[argument + SELECT_A_RATE_COUNT] = ratesBitsPerSecond.length;
  words[argument + SELECT_A_KNOWS_IMPLICIT] = reader.knowsImplicitParameters
    ? 1
    : 0;
  words.set(ratesBitsPerSecond, SCRATCH >> 2);
  const code = core.exports.select_protocol();
  const result = RESULT >> 2;
  const protocol = words[result + SELECT_W_PROTOCOL];
  if (code === SELECT_DIRECT || code === SELECT_PPS) {
    return {
      action: code === SELECT_PPS ? "pps" : "direct",
      protocol,
      fiIndex: words[result + SELECT_W_FI_INDEX],
      diIndex: words[result + SELECT_W_DI_INDEX],
    };
  }
  return {
    action: "refuse",
    problem: code === SELECT_E_PROTOCOL
      ? `the card offers ${
        (atr.specific === null ? atr.protocols : [protocol])
          .map((t) => `T=${t}`).join(" and ")
      }, expected ${protocols.map((t) => `T=${t}`).join(" or ")}`
      : "specific mode with parameters that the reader cannot apply",
    warmResetMayHelp: atr.specific?.canChange ?? false,
  };
}

function codedTa2({ specific }: Atr): number {
  if (specific === null) return -1;
  return (specific.canChange ? 0 : 0x80) |
    (specific.implicitParameters ? 0x10 : 0) | specific.protocol;
}
