/**
 * Builds Answers to Reset (ISO/IEC 7816-3 clause 8).
 *
 * @module
 */
import type { EdcKind } from "./edc.ts";

/** What an ATR says; what is left out is not sent, so its default of ISO/IEC 7816-3 holds. */
export interface CardAtrOptions {
  /** TS; default direct. */
  readonly convention?: "direct" | "inverse";
  /** T values offered, ascending, without 15; default `[0]`. */
  readonly protocols?: readonly number[];
  /** Index of Fi in TA1, 0..15; 1 when only `diIndex` is given. */
  readonly fiIndex?: number;
  /** Index of Di in TA1, 0..15; 1 when only `fiIndex` is given. */
  readonly diIndex?: number;
  /** N in TC1: extra guard time, 0..255. */
  readonly n?: number;
  /** TA2: specific mode with this protocol. */
  readonly specific?: {
    readonly protocol: number;
    readonly implicitParameters?: boolean;
    readonly canChange?: boolean;
  };
  /** WI in TC2 (T=0), 1..255. */
  readonly wi?: number;
  /** IFSC of T=1 in bytes, 1..254. */
  readonly ifscBytes?: number;
  /** Block waiting time integer of T=1, 0..9; 4 when only `cwi` is given. */
  readonly bwi?: number;
  /** Character waiting time integer of T=1, 0..15; 13 when only `bwi` is given. */
  readonly cwi?: number;
  /** Error detection code of T=1. */
  readonly edc?: EdcKind;
  /** Clock stop (T=15): 0 not supported, 1 state L, 2 state H, 3 either; 0 when only `voltageClass` is given. */
  readonly clockStop?: number;
  /** Classes (T=15): bit 1 A, bit 2 B, bit 3 C; 1, 2, 3, 4, 6 or 7; 1 when only `clockStop` is given. */
  readonly voltageClass?: number;
  /** Use of contact C6 (T=15), 0..255. */
  readonly spu?: number;
  /** Historical bytes, at most 15. */
  readonly historical?: Uint8Array;
}

/** The interface bytes TAi, TBi, TCi that follow a TD, and the T of that TD; null in front of TA1. */
interface InterfaceSet {
  readonly t: number | null;
  ta?: number;
  tb?: number;
  tc?: number;
}

const MAX_ATR_BYTES = 33;

/**
 * Builds the ATR in logical values: TS is '3B' or '3F'.
 *
 * @throws {RangeError} when a value cannot be coded, contradicts another, or the ATR would exceed 33 bytes
 */
export function buildAtr(options: CardAtrOptions = {}): Uint8Array {
  const protocols = options.protocols ?? [0];
  checkRanges(options);
  checkProtocols(options, protocols);
  const sets = interfaceSets(options, protocols);
  const historical = options.historical ?? new Uint8Array(0);
  const bytes = [options.convention === "inverse" ? 0x3f : 0x3b];
  sets.forEach((set, index) => {
    // T0 carries K where the TD of later sets carry T.
    bytes.push(
      presence(set, index + 1 < sets.length) | (set.t ?? historical.length),
    );
    for (const byte of [set.ta, set.tb, set.tc]) {
      if (byte !== undefined) bytes.push(byte);
    }
  });
  bytes.push(...historical);
  if (sets.some(({ t }) => t !== null && t !== 0)) {
    bytes.push(bytes.slice(1).reduce((sum, byte) => sum ^ byte, 0)); // TCK, 8.2.5
  }
  if (bytes.length > MAX_ATR_BYTES) {
    refuse("length", bytes.length, `at most ${MAX_ATR_BYTES} bytes`);
  }
  return Uint8Array.from(bytes);
}

function presence({ ta, tb, tc }: InterfaceSet, hasNext: boolean): number {
  return (ta === undefined ? 0 : 0x10) | (tb === undefined ? 0 : 0x20) |
    (tc === undefined ? 0 : 0x40) | (hasNext ? 0x80 : 0);
}

/** Sets 1 and 2 hold global bytes and WI, so a first T=1 comes twice when it has parameters. */
function interfaceSets(
  options: CardAtrOptions,
  protocols: readonly number[],
): InterfaceSet[] {
  const first: InterfaceSet = { t: null, ta: ta1(options), tc: options.n };
  const second: InterfaceSet = {
    t: protocols[0],
    ta: ta2(options),
    tc: options.wi,
  };
  const sets = [first, second, ...protocols.slice(1).map((t) => ({ t }))];
  if (hasT1Parameters(options)) {
    let set: InterfaceSet = sets[protocols.indexOf(1) + 1];
    if (set === second) sets.splice(2, 0, set = { t: 1 });
    set.ta = options.ifscBytes;
    set.tb = waitingIntegers(options);
    set.tc = options.edc === undefined
      ? undefined
      : Number(options.edc === "CRC");
  }
  if (hasT15(options)) sets.push({ t: 15, ta: ta15(options), tb: options.spu });
  const isPlainT0 = sets.length === 2 && second.t === 0 &&
    second.ta === undefined && second.tc === undefined;
  return isPlainT0 ? [first] : sets;
}

function ta1({ fiIndex, diIndex }: CardAtrOptions): number | undefined {
  if (fiIndex === undefined && diIndex === undefined) return undefined;
  return (fiIndex ?? 1) << 4 | (diIndex ?? 1);
}

function ta2({ specific }: CardAtrOptions): number | undefined {
  if (specific === undefined) return undefined;
  const { protocol, implicitParameters = false, canChange = false } = specific;
  return (canChange ? 0 : 0x80) | (implicitParameters ? 0x10 : 0) | protocol;
}

function waitingIntegers({ bwi, cwi }: CardAtrOptions): number | undefined {
  if (bwi === undefined && cwi === undefined) return undefined;
  return (bwi ?? 4) << 4 | (cwi ?? 13);
}

function ta15({ clockStop, voltageClass }: CardAtrOptions): number | undefined {
  if (clockStop === undefined && voltageClass === undefined) return undefined;
  return (clockStop ?? 0) << 6 | (voltageClass ?? 1);
}

function hasT1Parameters(
  { ifscBytes, bwi, cwi, edc }: CardAtrOptions,
): boolean {
  return [ifscBytes, bwi, cwi, edc].some((value) => value !== undefined);
}

function hasT15({ clockStop, voltageClass, spu }: CardAtrOptions): boolean {
  return [clockStop, voltageClass, spu].some((value) => value !== undefined);
}

function checkRanges(options: CardAtrOptions): void {
  const ranges: [keyof CardAtrOptions, number, number][] = [
    ["fiIndex", 0, 15],
    ["diIndex", 0, 15],
    ["n", 0, 255],
    ["wi", 1, 255],
    ["ifscBytes", 1, 254],
    ["bwi", 0, 9],
    ["cwi", 0, 15],
    ["clockStop", 0, 3],
    ["spu", 0, 255],
  ];
  for (const [name, low, high] of ranges) {
    const value = options[name];
    if (value === undefined) continue;
    if (
      !Number.isInteger(value) || Number(value) < low || Number(value) > high
    ) {
      refuse(name, value, `${low} to ${high}`);
    }
  }
  const { voltageClass = 1, historical } = options;
  if (![1, 2, 3, 4, 6, 7].includes(voltageClass)) {
    refuse("voltageClass", voltageClass, "1, 2, 3, 4, 6 or 7");
  }
  if (historical !== undefined && historical.length > 15) {
    refuse("historical", historical.length, "at most 15 bytes");
  }
}

function checkProtocols(
  options: CardAtrOptions,
  protocols: readonly number[],
): void {
  const ascending = protocols.every((t, index) =>
    Number.isInteger(t) && t >= 0 && t < 15 &&
    (index === 0 || protocols[index - 1] < t)
  );
  if (protocols.length === 0 || !ascending) {
    refuse("protocols", protocols, "ascending T values, 0 to 14");
  }
  const { specific } = options;
  if (specific !== undefined && !protocols.includes(specific.protocol)) {
    refuse("specific.protocol", specific.protocol, "a protocol offered");
  }
  if (options.wi !== undefined && !protocols.includes(0)) {
    refuse("wi", options.wi, "T=0 among the protocols");
  }
  if (hasT1Parameters(options) && !protocols.includes(1)) {
    refuse("protocols", protocols, "T=1 for ifscBytes, bwi, cwi or edc");
  }
}

function refuse(what: string, found: unknown, expected: string): never {
  throw new RangeError(
    `Cannot build ATR ${what}: ${String(found)} found, expected ${expected}`,
  );
}
