/**
 * The readers of a manager: those that are there, and those on their way.
 *
 * @module
 */

import type { ReaderDevice } from "../smclib/mod.ts";
import { ResourceManagerError } from "./errors.ts";
import { assertIdlePowerOff } from "./idle_power_off.ts";
import { runGuarded } from "./listeners.ts";
import { NameRegistry } from "./name_registry.ts";
import { Reader, type ReaderHost } from "./reader.ts";
import { ReaderIo } from "./reader_io.ts";
import {
  type ReaderIdentity,
  readIdentity,
  windowsReaderName,
} from "./reader_names.ts";

/** Options of `ResourceManager.addReader`. */
export interface AddReaderOptions {
  /** Instead of vendor, type and number as the reader states them. */
  name?: string;
  /** Calls the arrival off with its reason: the reader is let go. */
  signal?: AbortSignal;
  /** Milliseconds without any connection after which a card is powered down, 0 = never; default the manager's. */
  idlePowerOffMs?: number;
}

/** Readers by name, in order of arrival; names are unique among those on their way, too. */
export class ReaderList {
  /** How many readers have come or gone so far. */
  arrivals = 0;
  #readers = new Map<string, Reader>();
  #names = new NameRegistry();
  #systemNames = new NameRegistry();
  #arriving = new Set<() => void>();

  /** The readers that are there. */
  get all(): Reader[] {
    return [...this.#readers.values()];
  }

  /** How many readers are there. */
  get size(): number {
    return this.#readers.size;
  }

  /** The reader of that name. */
  find(name: string): Reader | undefined {
    return this.#readers.get(name);
  }

  /** Whether this reader is there. */
  has(reader: Reader): boolean {
    return this.#readers.get(reader.name) === reader;
  }

  /**
   * Asks a device for name and state, and lists it.
   *
   * @param assertOpen throws when no reader may come any more
   * @throws {ResourceManagerError} SCARD_E_DUPLICATE_READER when another reader has this name
   */
  async arrive(
    device: ReaderDevice,
    host: ReaderHost,
    assertOpen: () => void,
    { name, signal, idlePowerOffMs = 0 }: AddReaderOptions,
  ): Promise<Reader> {
    assertIdlePowerOff(idlePowerOffMs, "add a reader");
    signal?.throwIfAborted();
    const io = new ReaderIo(device);
    let reader: Reader | null = null;
    let gone = false;
    // Whatever the device still has to answer ends at once.
    const leave = () => {
      if (reader !== null) return this.#free(reader);
      if (gone) return;
      gone = true;
      io.shutDown();
      runGuarded(() => device.cleanup?.());
    };
    const assertWanted = () => {
      assertOpen();
      signal?.throwIfAborted();
    };
    this.#arriving.add(leave);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      const listed = name ??
        windowsReaderName(await identify(io, assertWanted), this.#names);
      this.#assertNew(listed);
      const systemName = this.#systemNames.free("SCReader");
      reader = new Reader(device, io, listed, systemName, host, idlePowerOffMs);
      this.#names.add(listed);
      this.#systemNames.add(systemName);
      await reader.start();
      assertWanted();
      this.#readers.set(listed, reader);
      this.arrivals++;
      return reader;
    } catch (error) {
      leave();
      throw error;
    } finally {
      this.#arriving.delete(leave);
      signal?.removeEventListener("abort", leave);
    }
  }

  /**
   * Takes a reader out.
   *
   * @returns whether it was there
   */
  remove(reader: Reader): boolean {
    if (!this.has(reader)) return false;
    this.#readers.delete(reader.name);
    this.#free(reader);
    this.arrivals++;
    return true;
  }

  /** Readers on their way do not come any more. */
  refuseArrivals(): void {
    for (const leave of this.#arriving) leave();
  }

  #free(reader: Reader): void {
    if (reader.removed) return;
    this.#names.delete(reader.name);
    this.#systemNames.delete(reader.systemName);
    reader.remove();
  }

  #assertNew(name: string): void {
    if (!this.#names.has(name)) return;
    throw new ResourceManagerError(
      "SCARD_E_DUPLICATE_READER",
      `Cannot add reader "${name}": another one has this name, expected a new one`,
    );
  }
}

async function identify(
  io: ReaderIo,
  assertWanted: () => void,
): Promise<ReaderIdentity> {
  const identity = await io.run(() => readIdentity(io));
  assertWanted();
  return identity;
}
