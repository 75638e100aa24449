/** What most tests of the server begin with. */

import assert from "node:assert/strict";
import {
  PCSC_LITE_SERVER_PROFILE,
  PcscLiteServer,
  type PcscLiteServerOptions,
  type ServerEvent,
} from "../../src/pcsclite/server/mod.ts";
import {
  ResourceManager,
  type ResourceManagerOptions,
} from "../../src/resource_manager/mod.ts";
import { FakeReader } from "../resource_manager/fake_reader.ts";
import { RawClient } from "./raw_client.ts";

export const APDU = Uint8Array.of(0, 0xA4, 0, 0x0C);

export interface ServerBench extends AsyncDisposable {
  folder: string;
  path: string;
  manager: ResourceManager;
  server: PcscLiteServer;
  devices: FakeReader[];
  /** Names of the readers. */
  names: string[];
  events: ServerEvent[];
  /** A client with a context. */
  client(minor?: number): Promise<RawClient>;
  /** Resolves when `condition` holds after an event of the server, or at once. */
  until(condition: () => boolean): Promise<void>;
}

/** A server with fake readers, cards in them unless told otherwise. Leaves nothing behind. */
export async function serverBench(
  options:
    & Partial<Omit<PcscLiteServerOptions, "manager">>
    & { readers?: number; card?: boolean; manager?: ResourceManagerOptions } =
      {},
): Promise<ServerBench> {
  const { readers = 1, card = true, manager: engine, ...rest } = options;
  const folder = await Deno.makeTempDir({ prefix: "pcsclite-" });
  const path = `${folder}/pcscd.comm`;
  const manager = new ResourceManager({
    profile: PCSC_LITE_SERVER_PROFILE,
    ...engine,
  });
  const devices: FakeReader[] = [];
  const names: string[] = [];
  for (let i = 0; i < readers; i++) {
    const device = new FakeReader();
    if (card) device.insert();
    const name = `Fake Reader 0${i} 00`;
    await manager.addReader(device, { name });
    devices.push(device);
    names.push(name);
  }
  const events: ServerEvent[] = [];
  const watchers = new Set<() => void>();
  const server = await PcscLiteServer.listen({
    manager,
    socketPath: path,
    ...rest,
    onEvent: (event) => {
      events.push(event);
      rest.onEvent?.(event);
      // The server's own books are closed after it has told.
      queueMicrotask(() => queueMicrotask(() => watchers.forEach((w) => w())));
    },
  });
  return {
    folder,
    path,
    manager,
    server,
    devices,
    names,
    events,
    client: (minor) => RawClient.open(path, minor),
    until(condition) {
      if (condition()) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`not in time: ${condition}`)),
          10_000,
        );
        const look = () => {
          if (!condition()) return;
          clearTimeout(late);
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
      });
    },
    async [Symbol.asyncDispose]() {
      for (const device of devices) {
        device.pace = "sync";
        device.release();
      }
      await server.close();
      assert.equal(server.clientCount, 0, "clients left");
      assert.equal(manager.contexts.length, 0, "contexts left");
      for (const reader of manager.readers) {
        assert.equal(reader.connections.size, 0, "connections left");
        assert.equal(reader.lock.owner, null, "transaction left");
        assert.equal(reader.lock.waiting, 0, "waiters left");
      }
      await manager.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
