/**
 * The smart card stack of Windows in user space: readers, cards and the resource
 * manager, behind the Web Smart Card API.
 *
 * @example
 * ```ts
 * import {
 *   createCard,
 *   ResourceManager,
 *   SmartCardResourceManager,
 *   VirtualReader,
 * } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * using reader = new VirtualReader();
 * reader.insert(createCard());
 * const manager = new ResourceManager();
 * await manager.addReader(reader);
 *
 * const smartCard = new SmartCardResourceManager(manager);
 * await using context = await smartCard.establishContext();
 * const [name] = await context.listReaders();
 * const { connection } = await context.connect(name, "shared", {
 *   preferredProtocols: ["t1"],
 * });
 * const selectMasterFile = Uint8Array.of(0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00);
 * const answer = new Uint8Array(await connection.transmit(selectMasterFile));
 * assert.deepEqual([...answer], [0x90, 0x00]);
 * await connection.disconnect();
 * ```
 *
 * @module
 */

export { fromHex, toHex } from "./src/bytes.ts";
export * from "./src/smart_card/mod.ts";
export {
  type Profile,
  type Reader,
  ResourceManager,
  ResourceManagerError,
  type ResourceManagerOptions,
} from "./src/resource_manager/mod.ts";
export type { ReaderDevice } from "./src/smclib/mod.ts";
export {
  VirtualReader,
  type VirtualReaderOptions,
} from "./src/drivers/virtual/mod.ts";
export { VpcdReader, type VpcdReaderOptions } from "./src/drivers/vpcd/mod.ts";
export {
  type CardData,
  type ContactCard,
  createCard,
  FileSystemCard,
  type FileSystemCardOptions,
} from "./src/cards/mod.ts";
