/**
 * The first APDU of a process, through every floor.
 *
 * @module
 */

import {
  createCard,
  ResourceManager,
  SmartCardResourceManager,
  VirtualReader,
} from "../../mod.ts";

const reader = new VirtualReader();
reader.insert(createCard());
const manager = new ResourceManager();
await manager.addReader(reader);
const context = await new SmartCardResourceManager(manager).establishContext();
const [name] = await context.listReaders();
const { connection } = await context.connect(name, "shared", {
  preferredProtocols: ["t1"],
});
const answer = new Uint8Array(
  await connection.transmit(Uint8Array.of(0, 0xa4, 0, 0x0c, 2, 0x3f, 0)),
);
if (answer[0] !== 0x90) throw new Error("Cannot measure: the exchange failed");
Deno.exit(0);
