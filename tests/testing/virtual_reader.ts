/**
 * The virtual reader as the law book wants it.
 *
 * @module
 */

import type { VirtualReader } from "../../src/drivers/virtual/mod.ts";
import type { ReaderUnderTest } from "../../src/testing/mod.ts";
import type { ReaderDevice } from "../../src/smclib/mod.ts";

/** A virtual reader and its slot; `device` stands before it where it is to be something else. */
export function virtualReaderUnderTest(
  reader: VirtualReader,
  device: ReaderDevice = reader,
): ReaderUnderTest {
  return {
    device,
    insert: ({ contacts }) => reader.insert(contacts),
    remove: () => {
      reader.remove();
    },
    [Symbol.asyncDispose]: () => {
      reader[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

/** The same reader, whose disposal waits for requests under way: the virtual reader has no remove lock of its own. */
export function waitingForRequests(reader: ReaderUnderTest): ReaderUnderTest {
  const { device } = reader;
  const { cleanup, sleep, wake } = device;
  const inside = new Set<Promise<number>>();
  return {
    ...reader,
    device: {
      deviceName: device.deviceName,
      deviceControl(irp) {
        const status = device.deviceControl(irp);
        if (!(status instanceof Promise)) return status;
        const returned = status.finally(() => inside.delete(returned));
        inside.add(returned);
        return returned;
      },
      ...cleanup && { cleanup: () => cleanup.call(device) },
      ...sleep && { sleep: () => sleep.call(device) },
      ...wake && { wake: () => wake.call(device) },
    },
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await Promise.allSettled(inside);
    },
  };
}
