/**
 * The core at work: a WASM instance with its memory, and the machine slots in it.
 *
 * @module
 */

import { SCRATCH_2, SLOT_COUNT } from "../../core-as/abi.ts";
import { CORE_WASM } from "./core_wasm.ts";

/** What the core exports: integers in, integers out. */
export interface CoreExports {
  /** Fills the tables; once, before all else. */
  init(): void;
  /** Address of a slot. */
  slot(handle: number): number;
  /** Reads the ATR at SCRATCH. */
  atr_parse(length: number): number;
  /** Reads the packed ATRs at SCRATCH into rows at SCRATCH_2, their number to ARGUMENTS; returns where it stopped. */
  atr_batch(length: number): number;
  /** What EMV rejects in the ATR read last. */
  atr_emv(isWarm: number): number;
  /** Classifies the APDU at SCRATCH. */
  apdu_parse(length: number): number;
  /** Computes times from ARGUMENTS to RESULT. */
  timing_compute(): void;
  /** Chooses protocol and parameters from ARGUMENTS to RESULT. */
  select_protocol(): number;
  /** Writes a PPS request to SCRATCH. */
  pps_build(
    protocol: number,
    pps1: number,
    pps2: number,
    pps3: number,
  ): number;
  /** Length of the response that begins at SCRATCH_2. */
  pps_length(length: number): number;
  /** Checks the response at SCRATCH_2 against the request at SCRATCH. */
  pps_check(length: number): number;
  /** LRC of the bytes at SCRATCH. */
  edc_lrc(length: number): number;
  /** CRC of the bytes at SCRATCH. */
  edc_crc(variant: number, length: number): number;
  /** A T=1 session begins. */
  t1_reset(
    handle: number,
    ifsc: number,
    ifsdWanted: number,
    edc: number,
    crcVariant: number,
    flags: number,
    wtxMax: number,
  ): void;
  /** A job of a T=1 session begins. */
  t1_start(handle: number, job: number, value: number): number;
  /** Writes the outstanding block. */
  t1_build(handle: number, offset: number): number;
  /** Takes a block that came. */
  t1_digest(handle: number, offset: number, length: number): number;
  /** Takes a block that came and writes the next one. */
  t1_step(handle: number, length: number): number;
  /** No S(IFS request) from now on. */
  t1_suppress_ifs(handle: number): void;
  /** Node address of the blocks sent. */
  t1_set_nad(handle: number, nad: number): void;
  /** No T=0 exchange is under way. */
  t0_reset(handle: number): void;
  /** A T=0 exchange begins. */
  t0_start(
    handle: number,
    length: number,
    le: number,
    maxNulls: number,
  ): number;
  /** Writes the characters to send. */
  t0_build(handle: number, offset: number): number;
  /** Takes characters that came. */
  t0_digest(handle: number, offset: number, length: number): number;
  /** An APDU over T=0 begins. */
  t0_apdu_start(handle: number, length: number, flags: number): number;
  /** Writes the TPDU to exchange. */
  t0_apdu_build(handle: number, offset: number): number;
  /** Takes the answer to the TPDU. */
  t0_apdu_digest(handle: number, offset: number, length: number): number;
}

/** Slots for machines in an instance; the last slot is where those come that are given back. */
export const MACHINE_SLOTS: number = SLOT_COUNT - 1;
/** The slot that belongs to nobody: what a machine does after its end happens there. */
export const NOBODYS_SLOT: number = SLOT_COUNT - 1;

/**
 * One instance of the core. Its memory never grows, so the views stay good for
 * ever; they are of the instance's own memory and change with every call.
 */
export class Core {
  /** The exported functions. */
  readonly exports: CoreExports;
  /** Linear memory as bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Linear memory as i32 words. */
  readonly words: Int32Array;
  /** Linear memory as doubles. */
  readonly doubles: Float64Array;
  readonly #free: number[] = [];
  #rows: Int32Array = new Int32Array(0);

  /** Initialises an instance. @param memory whole linear memory of the code behind `exports` */
  constructor(exports: CoreExports, memory: ArrayBuffer) {
    this.exports = exports;
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    for (let handle = MACHINE_SLOTS - 1; handle >= 0; handle--) {
      this.#free.push(handle);
    }
    exports.init();
  }

  /** The first `count` words at SCRATCH_2; the last such view is kept, since making one costs more than most uses of it. */
  rows(count: number): Int32Array {
    if (this.#rows.length !== count) {
      this.#rows = this.words.subarray(
        SCRATCH_2 >> 2,
        (SCRATCH_2 >> 2) + count,
      );
    }
    return this.#rows;
  }

  /** Takes a free slot, or returns -1 when there is none. */
  acquire(): number {
    return this.#free.pop() ?? -1;
  }

  /** Gives a slot back. */
  release(handle: number): void {
    this.#free.push(handle);
  }

  /** Whether a slot is free. */
  get hasFree(): boolean {
    return this.#free.length > 0;
  }
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  // Node 20 and older browsers lack Uint8Array.fromBase64.
  if (typeof Uint8Array.fromBase64 === "function") {
    return Uint8Array.fromBase64(text);
  }
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

let compiled: WebAssembly.Module | null = null;
let provided: (() => Core) | null = null;

/** From now on `make` gives the core where WebAssembly is missing or forbidden. */
export function provideCore(make: () => Core): void {
  provided = make;
}

/**
 * Makes a fresh instance; the module is compiled once.
 *
 * @throws {Error} when WebAssembly is missing or forbidden, and `deno-smartcard/core/portable` is not imported
 */
export function instantiateCore(): Core {
  try {
    compiled ??= new WebAssembly.Module(decodeBase64(CORE_WASM));
  } catch (cause) {
    if (provided !== null) return provided();
    throw new Error(
      "Cannot start the core: WebAssembly found missing or forbidden, expected it, or an import of deno-smartcard/core/portable",
      { cause },
    );
  }
  const { exports } = new WebAssembly.Instance(compiled);
  const memory = exports.memory as WebAssembly.Memory;
  return new Core(
    exports as unknown as CoreExports,
    memory.buffer as ArrayBuffer,
  );
}

let stateless: Core | null = null;
/** Instances with a free slot. A full one is kept alive by its machines alone. */
const withFree: Core[] = [];

/** The instance that serves calls without state. */
export function sharedCore(): Core {
  stateless ??= instantiateCore();
  return stateless;
}

/** The shared instance has slots too. */
let isSharedPooled = false;

/** A further instance for the pool. @throws {RangeError} when there is none: the run as TypeScript has one only */
function furtherCore(): Core {
  if (!isSharedPooled) {
    isSharedPooled = true;
    if (sharedCore().hasFree) return sharedCore();
  }
  const core = instantiateCore();
  if (core.hasFree) return core;
  throw new RangeError(
    `Cannot make a machine: all ${MACHINE_SLOTS} are taken, and without WebAssembly there are no more`,
  );
}

/** A free slot in an instance that has one; a further instance is made when all are full. */
export function acquireSlot(): { core: Core; handle: number } {
  for (;;) {
    if (withFree.length === 0) withFree.push(furtherCore());
    const core = withFree[withFree.length - 1];
    const handle = core.acquire();
    // Slots may also be taken from the instance itself, past the pool.
    if (!core.hasFree) withFree.pop();
    if (handle >= 0) return { core, handle };
  }
}

/** Gives back what {@linkcode acquireSlot} took. */
export function releaseSlot(core: Core, handle: number): void {
  core.release(handle);
  if (!withFree.includes(core)) withFree.push(core);
}
