/**
 * How the PC/SC library of a platform lays out its numbers and structures.
 *
 * @module
 */

import type { PcscReaderState } from "./library.ts";

/** Sizes and offsets in bytes. */
export interface PcscAbi {
  /** DWORD, LONG, SCARDCONTEXT and SCARDHANDLE. */
  readonly dwordBytes: 4 | 8;
  /** Library that is opened unless another is named. */
  readonly path: string;
  /** Symbol of SCardControl with a control code. */
  readonly controlSymbol: string;
  /** SCARD_READERSTATE. */
  readonly stateBytes: number;
  /** `dwCurrentState` in it; szReader is at 0. */
  readonly currentStateAt: number;
  /** `dwEventState` in it. */
  readonly eventStateAt: number;
  /** `cbAtr` in it. */
  readonly atrLengthAt: number;
  /** `rgbAtr` in it. */
  readonly atrAt: number;
}

/** rgbAtr of pcsc-lite and of macOS, in bytes. */
const ATR_CAPACITY_BYTES = 33;

/** pcsc-lite where a long has 64 bits: x86_64 and aarch64. */
export const PCSC_LITE_64: PcscAbi = {
  dwordBytes: 8,
  path: "libpcsclite.so.1",
  controlSymbol: "SCardControl",
  stateBytes: 80,
  currentStateAt: 16,
  eventStateAt: 24,
  atrLengthAt: 32,
  atrAt: 40,
};

/** macOS: numbers of 32 bits, structures packed, and the six-argument SCardControl under a name of its own. */
export const PCSC_MACOS: PcscAbi = {
  dwordBytes: 4,
  path: "/System/Library/Frameworks/PCSC.framework/PCSC",
  controlSymbol: "SCardControl132",
  stateBytes: 61,
  currentStateAt: 16,
  eventStateAt: 20,
  atrLengthAt: 24,
  atrAt: 28,
};

/**
 * The layout on an operating system.
 *
 * @throws {Error} where no layout is known
 */
export function pcscAbi(os: string, arch: string): PcscAbi {
  const is64 = arch === "x86_64" || arch === "aarch64";
  if (os === "linux" && is64) return PCSC_LITE_64;
  if (os === "darwin" && is64) return PCSC_MACOS;
  throw new Error(
    `Cannot open the PC/SC library: ${os} on ${arch} found, expected linux or darwin on x86_64 or aarch64`,
  );
}

/** A view for numbers of the platform's DWORD. */
function dwords(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a DWORD in the machine's order, which is little-endian on every platform here. */
export function writeDword(
  abi: PcscAbi,
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  value: number,
): void {
  if (abi.dwordBytes === 8) dwords(bytes).setBigUint64(at, BigInt(value), true);
  else dwords(bytes).setUint32(at, value, true);
}

/** Reads the lower 32 bits of a DWORD: no number of PC/SC needs more, a handle excepted. */
export function readDword(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
): number {
  return dwords(bytes).getUint32(at, true);
}

/** Reads a handle, which is signed. */
export function readHandle(
  abi: PcscAbi,
  bytes: Uint8Array<ArrayBuffer>,
): bigint {
  return abi.dwordBytes === 8
    ? dwords(bytes).getBigInt64(0, true)
    : BigInt(dwords(bytes).getInt32(0, true));
}

/**
 * SCARD_READERSTATE structures, one behind the other.
 *
 * @param names addresses of the names, each with a zero at its end
 */
export function encodeStates(
  abi: PcscAbi,
  states: readonly PcscReaderState[],
  names: readonly bigint[],
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(
    new ArrayBuffer(abi.stateBytes * states.length),
  );
  states.forEach(({ currentState }, index) => {
    const at = abi.stateBytes * index;
    dwords(bytes).setBigUint64(at, names[index], true);
    writeDword(abi, bytes, at + abi.currentStateAt, currentState);
  });
  return bytes;
}

/** Reads what the library has written into the structures of {@linkcode encodeStates}. */
export function decodeStates(
  abi: PcscAbi,
  bytes: Uint8Array<ArrayBuffer>,
  states: readonly PcscReaderState[],
): void {
  states.forEach((state, index) => {
    const at = abi.stateBytes * index;
    state.eventState = readDword(bytes, at + abi.eventStateAt);
    const length = readDword(bytes, at + abi.atrLengthAt);
    const atr = at + abi.atrAt;
    state.atr = bytes.slice(atr, atr + Math.min(length, ATR_CAPACITY_BYTES));
  });
}

/** A string as the library takes it: UTF-8 and a zero. */
export function zeroTerminated(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const copy = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  copy.set(bytes);
  return copy;
}

/** The strings of a multi-string: each with a zero at its end, and one more behind the last. */
export function multiString(bytes: Uint8Array): string[] {
  return new TextDecoder().decode(bytes).split("\0").filter((text) =>
    text !== ""
  );
}
