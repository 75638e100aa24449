/** Checks of what the smart card database throws. */

import assert from "node:assert/strict";
import {
  ResourceManagerError,
  type ScardName,
} from "../../src/resource_manager/mod.ts";

/** `action` fails with that code, and a message in the house's form. */
export function assertScard(
  name: ScardName,
  action: () => unknown,
  message: RegExp = /^/,
): void {
  assert.throws(action, (error) => {
    assert.ok(error instanceof ResourceManagerError, String(error));
    assert.equal(error.name, name, error.message);
    assert.match(error.message, /^Cannot .+: .+, expected .+/s);
    assert.match(error.message, message);
    return true;
  });
}
