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
