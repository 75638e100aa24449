/**
 * Many slots, each a reader with a port of its own, as vsmartcard's driver has them.
 *
 * @module
 */

import { checkInteger } from "./checks.ts";
import {
  VPCD_DEFAULT_PORT,
  type VpcdReaderConnectOptions,
  type VpcdReaderOptions,
} from "./options.ts";
import { VpcdReader } from "./reader.ts";

/** Most slots: as many as vsmartcard's driver can be built with. */
export const VPCD_MAX_SLOTS = 16;

/** Options of slots that listen. */
export interface VpcdSlotsOptions extends Omit<VpcdReaderOptions, "unitNo"> {
  /** Number of slots, 1 to 16. Default 2, as Debian's driver. */
  slots?: number;
}

/** Options of slots that connect. */
export interface VpcdSlotsConnectOptions
  extends Omit<VpcdReaderConnectOptions, "unitNo"> {
  /** Number of slots, 1 to 16. Default 2, as Debian's driver. */
  slots?: number;
}

const DEFAULT_NAME = "Virtual PCD";
const DEFAULT_SLOTS = 2;
const LAST_PORT = 0xFFFF;
/** Rows of ports to try when the caller leaves the choice. */
const MAXIMUM_TRIES = 100;
const TASK = "open vpcd slots";

/**
 * Readers on consecutive ports, slot 0 on the first. They are named after `name`, by default
 * `Virtual PCD`: `Virtual PCD 00 00`, `Virtual PCD 00 01`, and have the unit numbers 0, 1, and so on.
 */
export class VpcdSlots implements AsyncDisposable {
  /** The readers, slot 0 first. */
  readonly readers: readonly VpcdReader[];

  private constructor(readers: readonly VpcdReader[]) {
    this.readers = readers;
  }

  /**
   * Opens slots that listen.
   *
   * @param options number of slots, port of slot 0 (0 for any free row of ports), and those of the readers
   * @throws {RangeError} when an option is out of its range, or the last port beyond 65535
   * @throws {Deno.errors.AddrInUse} when another program listens on one of the ports; no slot stays open then
   */
  static async listen(options: VpcdSlotsOptions = {}): Promise<VpcdSlots> {
    const { first, count } = checkSlots(options);
    for (let tries = 1;; tries++) {
      const readers: VpcdReader[] = [];
      try {
        for (let slot = 0; slot < count; slot++) {
          const port = slot === 0 ? first : readers[0].port + slot;
          readers.push(VpcdReader.listen(slotOptions(options, slot, port)));
        }
        return new VpcdSlots(readers);
      } catch (error) {
        await closeAll(readers);
        const isOurChoice = first === 0 && readers.length > 0;
        if (!isOurChoice || tries === MAXIMUM_TRIES) throw error;
      }
    }
  }

  /**
   * Opens slots that connect, each to the card on a port of its own.
   *
   * @param options number of slots, port of the card in slot 0, and those of the readers
   * @throws {RangeError} when an option is out of its range, or the last port beyond 65535
   */
  static async connect(
    options: VpcdSlotsConnectOptions = {},
  ): Promise<VpcdSlots> {
    const { first, count } = checkSlots(options);
    const readers: VpcdReader[] = [];
    try {
      for (let slot = 0; slot < count; slot++) {
        readers.push(
          VpcdReader.connect(slotOptions(options, slot, first + slot)),
        );
      }
    } catch (error) {
      await closeAll(readers);
      throw error;
    }
    return new VpcdSlots(readers);
  }

  /** Removes all readers, and their cards. */
  close(): Promise<void> {
    return closeAll(this.readers);
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function closeAll(readers: readonly VpcdReader[]): Promise<void> {
  await Promise.all(readers.map((reader) => reader.close()));
}

function checkSlots(
  { slots = DEFAULT_SLOTS, port = VPCD_DEFAULT_PORT }: VpcdSlotsOptions,
): { first: number; count: number } {
  const count = checkInteger(TASK, "slots", slots, 1, VPCD_MAX_SLOTS);
  const last = LAST_PORT - count + 1;
  return { first: checkInteger(TASK, "port", port, 0, last), count };
}

/** The options of one slot: reader, slot, in hexadecimal as pcsc-lite numbers them. */
function slotOptions<Options extends VpcdSlotsOptions>(
  options: Options,
  slot: number,
  port: number,
): Options & { unitNo: number } {
  const number = slot.toString(16).toUpperCase().padStart(2, "0");
  const name = `${options.name ?? DEFAULT_NAME} 00 ${number}`;
  return { ...options, name, unitNo: slot, port };
}
