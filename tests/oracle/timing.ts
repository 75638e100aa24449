/**
 * Test oracle: guard and waiting times (ISO/IEC 7816-3 clauses 8, 10 and 11, with the EMV tolerances), in exact rational arithmetic.
 * Every time is first a number of clock cycles, because then the clock frequency enters once.
 *
 * @module
 */

/** What the times depend on: `f`, `d` are F and D in force, `fi`, `di` those the ATR offers, 0 where RFU; `clockKhz` is the clock in kHz. */
export interface TimingInput {
  f: number;
  d: number;
  fi: number;
  di: number;
  clockKhz: number;
  n: number;
  wi: number;
  bwi: number;
  cwi: number;
  hasT15: boolean;
  /** null: PPS exchange. */
  protocol: 0 | 1 | null;
  emv: boolean;
}

/** A time in microseconds, rounded up and at most 0x7FFFFFFF, and in elementary time units, exact but for the conversion to a double. */
export interface OracleTime {
  microseconds: number;
  etu: number;
}

/** The times the oracle computes. */
export type TimeName = "etu" | "gt" | "wt" | "cwt" | "bwt" | "bgt";

/** A fraction with a positive denominator. */
interface Fraction {
  num: bigint;
  den: bigint;
}

const LIMIT = 0x7fffffffn;

function fraction(num: number, den: number): Fraction {
  return { num: BigInt(num), den: BigInt(den) };
}

function add(a: Fraction, b: Fraction): Fraction {
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

function product(a: Fraction, b: Fraction): Fraction {
  return { num: a.num * b.num, den: a.den * b.den };
}

function quotient(a: Fraction, b: Fraction): Fraction {
  return { num: a.num * b.den, den: a.den * b.num };
}

function microseconds(clocks: Fraction, clockKhz: number): number {
  const { num, den } = product(clocks, fraction(1000, 1));
  const divisor = den * BigInt(clockKhz);
  // Without a clock no time ever passes.
  if (divisor === 0n) return Number(LIMIT);
  const rounded = (num + divisor - 1n) / divisor;
  return Number(rounded > LIMIT ? LIMIT : rounded);
}

function gcd(a: bigint, b: bigint): bigint {
  return b === 0n ? a : gcd(b, a % b);
}

// Both parts stay below 2^53 for values an ATR can hold, so this one division is the correctly rounded quotient.
function toDouble({ num, den }: Fraction): number {
  const common = gcd(num, den);
  return Number(num / common) / Number(den / common);
}

/** An F/D pair with an RFU member counts as the default 372/1. */
function usable(f: number, d: number): [number, number] {
  return f === 0 || d === 0 ? [372, 1] : [f, d];
}

/**
 * The etu and the guard and waiting times for one set of parameters; GT stands for CGT when the protocol is T=1.
 * WI 0 counts as 10, and a pair F, D or Fi, Di with a 0 in it as 372, 1.
 */
export function times(p: TimingInput): Record<TimeName, OracleTime> {
  const [f, d] = usable(p.f, p.d);
  const [fi, di] = usable(p.fi, p.di);
  const wi = p.wi === 0 ? 10 : p.wi;
  const etu = fraction(f, d);
  const etus = (count: number) => product(fraction(count, 1), etu);
  const clocks = (count: number) => fraction(count, 1);

  // Clause 8: the extra guard time is N times R clock cycles, and T=15 in the ATR makes R that of the offered parameters.
  let gt: Fraction;
  if (p.n === 255) {
    gt = etus(p.protocol === 1 ? 11 : 12);
  } else {
    const r = p.hasT15 ? fraction(fi, di) : etu;
    gt = add(etus(12), product(fraction(p.n, 1), r));
  }

  // Clause 10: WI * 960 * Fi / f; EMV counts it in etu and lets the terminal wait 480 * D etu more.
  let wt = clocks(wi * 960 * fi);
  // Clause 11: 11 etu + 2^CWI etu and 11 etu + 2^BWI * 960 * 372 / f.
  let cwt = etus(11 + 2 ** p.cwi);
  let bwt = add(etus(11), clocks(2 ** p.bwi * 960 * 372));
  if (p.emv) {
    wt = etus(960 * d * wi + 480 * d);
    cwt = add(cwt, etus(4));
    bwt = add(bwt, etus(960 * d));
  }

  const time = (value: Fraction): OracleTime => ({
    microseconds: microseconds(value, p.clockKhz),
    etu: toDouble(quotient(value, etu)),
  });
  return {
    etu: time(etu),
    gt: time(gt),
    wt: time(wt),
    cwt: time(cwt),
    bwt: time(bwt),
    bgt: time(etus(22)),
  };
}
