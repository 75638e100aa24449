/**
 * What an application does with `navigator.smartCard`, for workers and pages: a virtual
 * reader with a card, listed and asked through the attribute alone.
 *
 * @module
 */

import { toHex } from "../../src/bytes.ts";
import { createCard } from "../../src/cards/mod.ts";
import { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import { ResourceManager } from "../../src/resource_manager/mod.ts";
import { SmartCardResourceManager } from "../../src/smart_card/mod.ts";
import {
  installSmartCard,
  type NavigatorSmartCard,
} from "../../src/smart_card/polyfill.ts";

/** What was found. */
export interface PolyfillReport {
  /** The class whose prototype has the attribute. */
  owner: string;
  /** Names of the readers. */
  readers: string[];
  /** Answer to SELECT of the master file, in hexadecimal. */
  answer: string;
  /** Whether the attribute is gone afterwards. */
  uninstalled: boolean;
}

/** Installs, uses and uninstalls `navigator.smartCard`. */
export async function usePolyfill(): Promise<PolyfillReport> {
  using reader = new VirtualReader();
  reader.insert(createCard());
  await using manager = new ResourceManager();
  await manager.addReader(reader);
  const uninstall = installSmartCard(new SmartCardResourceManager(manager));
  const { smartCard } = navigator as Navigator & NavigatorSmartCard;
  const prototype = Object.getPrototypeOf(navigator);
  const owner = Object.hasOwn(prototype, "smartCard")
    ? prototype.constructor.name
    : "nobody";
  const context = await smartCard.establishContext();
  const readers = await context.listReaders();
  const { connection } = await context.connect(readers[0], "shared", {
    preferredProtocols: ["t1"],
  });
  const select = Uint8Array.of(0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00);
  let answer = "";
  await connection.startTransaction(async () => {
    answer = toHex(new Uint8Array(await connection.transmit(select)));
    return "leave";
  });
  await connection.disconnect();
  uninstall();
  const uninstalled = !("smartCard" in navigator) &&
    !("SmartCardContext" in globalThis);
  return { owner, readers, answer, uninstalled };
}

// A dedicated worker reports by itself; a page imports the function.
if ("WorkerGlobalScope" in globalThis) {
  (globalThis as unknown as { postMessage(report: PolyfillReport): void })
    .postMessage(await usePolyfill());
}
